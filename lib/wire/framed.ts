/**
 * Frames of a framed stream (`frames=1`): `u32 big-endian length, u8 type, data`; the length counts the data
 * alone. A request frame and a status frame are frames of type text.
 *
 * @module
 */

/** What a frame carries. */
export const FRAME_TYPE = {
  /** UTF-8 text: a status, a jump, an acknowledgement, the end. */
  text: 0,
  /** Bytes of the stream. */
  media: 1,
  /** Bytes for the decoder that are not part of the stream: init segment, prefix, filler. */
  lead: 2,
} as const;

/** A type of frame. */
export type FrameType = typeof FRAME_TYPE[keyof typeof FRAME_TYPE];

/** Bytes before a frame's data. */
export const FRAMED_HEADER_BYTES = 5;

/**
 * Bytes of data that a frame may have: far more than any write, and small enough that a length out of the middle of
 * media is noticed.
 */
export const MAX_FRAME_BYTES: number = 16 * 1024 * 1024;

/**
 * Bytes of a text frame, as of a request frame: a jump has some hundred. Text is gathered, so it needs a smaller cap
 * than media, which passes by.
 */
export const MAX_TEXT_BYTES = 4096;

/** The bytes before a frame's data. */
export function framedHeader(
  type: FrameType,
  length: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(FRAMED_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, length);
  header[4] = type;
  return header;
}
