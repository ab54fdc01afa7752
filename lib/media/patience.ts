/**
 * Bytes of video without a join point after which a tracker gives up: 10 s at 100 Mbit/s, twice the
 * longest usual distance of key frames at the highest usual rate.
 */
export const MAX_FRUITLESS_BYTES: number = 128 * 1024 * 1024;
