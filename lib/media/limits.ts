/**
 * Limits of all trackers: what one may hold, and when it gives up.
 *
 * @module
 */

/**
 * Bytes a tracker may hold in all: init, and a unit that a chunk's end cuts. Init segments of live
 * streams are 0.1–100 KB; 1 MiB leaves room for an Ogg or Matroska header with a cover picture.
 */
export const MAX_TRACKER_BYTES: number = 1024 * 1024;

/**
 * Bytes of an init segment: half of {@linkcode MAX_TRACKER_BYTES}, because an element is held twice
 * for a moment, once gathered from chunks and once in the init segment.
 */
export const MAX_INIT_BYTES: number = 512 * 1024;

/** Bytes of one unit: a key frame of 8K video stays below 16 MiB, 4 s of 100 Mbit/s below 64 MiB. */
export const MAX_UNIT_BYTES: number = 64 * 1024 * 1024;

/**
 * Bytes without a join point after which a tracker gives up: 10 s at 100 Mbit/s, twice the longest
 * usual distance of key frames at the highest usual bit rate.
 */
export const MAX_JOINLESS_BYTES: number = 128 * 1024 * 1024;

/**
 * Bytes searched in vain for a short unit (audio frame, page, transport packet) after which a tracker
 * gives up: 8 s of a 1 Mbit/s stream, thousands of units.
 */
export const MAX_SCAN_BYTES: number = 1024 * 1024;

/**
 * Bytes searched in vain for a long unit (box, element, tag, image) after which a tracker gives up:
 * 10 s of a 12 Mbit/s stream, ten times a 4K image of good quality.
 */
export const MAX_RESYNC_BYTES: number = 16 * 1024 * 1024;
