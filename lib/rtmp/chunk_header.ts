/**
 * Headers of chunks (§5.3.1): one to three bytes with the chunk stream, up to eleven with the message, and a
 * timestamp of 32 bits where 24 are too few.
 *
 * @module
 */

/** A chunk's header, but for the extended timestamp. */
export interface ChunkHeader {
  /** How much of the message header is there: all (0), no stream (1), no length either (2), nothing (3). */
  readonly format: number;
  /** Id of the chunk stream, 2 to 65,599. */
  readonly id: number;
  /** Bytes of it. */
  readonly length: number;
  /** The timestamp of format 0, the difference of formats 1 and 2, 0 in format 3. */
  readonly timestamp: number;
  /** Bytes of the message, in formats 0 and 1. */
  readonly messageLength: number;
  /** Type of the message, in formats 0 and 1. */
  readonly messageType: number;
  /** The message stream, in format 0. */
  readonly streamId: number;
}

/** The timestamp that says that 32 bits follow the header. */
export const EXTENDED = 0xffffff;

/** Bytes of a message header, by format. */
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;

/**
 * Reads the header of a chunk.
 *
 * @returns `undefined` when it is not there as a whole.
 */
export function readChunkHeader(
  bytes: Uint8Array,
  at: number,
): ChunkHeader | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const format = first >> 6;
  const small = first & 63;
  const basic = small > 1 ? 1 : 2 + small;
  const length = basic + MESSAGE_HEADER_BYTES[format as 0 | 1 | 2 | 3];
  if (bytes.length - at < length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
  const id = small > 1
    ? small
    : 64 + view.getUint8(1) + (small === 1 ? 256 * view.getUint8(2) : 0);
  return {
    ...{ format, id, length },
    timestamp: format < 3 ? view.getUint32(basic - 1) & 0xffffff : 0,
    messageLength: format < 2 ? view.getUint32(basic + 2) & 0xffffff : 0,
    messageType: format < 2 ? view.getUint8(basic + 6) : 0,
    // The only number that is little-endian (§5.3.1.2.1).
    streamId: format === 0 ? view.getUint32(basic + 7, true) : 0,
  };
}
