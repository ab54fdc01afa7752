/**
 * Messages that carry media between nodes: `u8 version, u8 kind, u16 0, u32 age in ms, f64 offset`, big-endian, then
 * the body.
 *
 * @module
 */

/** The version that is sent, and the only one that is understood. */
const VERSION = 1;

/** Bytes before the body. */
const HEAD_BYTES = 16;

/** Bytes of a message, so that NATS's default limit of 1 MiB and small ones of hosted servers suffice. */
export const MAX_MESSAGE_BYTES: number = 60 * 1024;

/** Bytes of a body. */
export const MAX_BODY_BYTES: number = MAX_MESSAGE_BYTES - HEAD_BYTES;

/** What a message is. */
export const MEDIA_KIND = {
  /** Bytes of the broadcast as they arrive. */
  live: 1,
  /** Bytes of the broadcast that were asked for. */
  page: 2,
  /** JSON: where the broadcast is entered, and what it is. */
  head: 3,
  /** A part of what a tracker is shown first. */
  lead: 4,
  /** The end of an answer; the offset is where the broadcast has got to, the body the state as JSON. */
  pageEnd: 5,
  /** The broadcast has got to the offset, and is held or over; JSON. */
  state: 6,
  /** The broadcast is not here any more. */
  gone: 7,
} as const;

/** One of {@linkcode MEDIA_KIND}. */
export type MediaKind = typeof MEDIA_KIND[keyof typeof MEDIA_KIND];

/** A message that has been read. */
export interface MediaMessage {
  /** What it is; unknown kinds are left to the reader. */
  readonly kind: number;
  /** Milliseconds since the first node received its bytes. */
  readonly age: number;
  /** Offset in the broadcast. */
  readonly offset: number;
  /** The rest, a view. */
  readonly body: Uint8Array;
}

/** Writes a message. */
export function encodeMedia(
  kind: MediaKind,
  offset: number,
  body: Uint8Array,
  age = 0,
): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, kind);
  view.setUint32(4, Math.min(Math.max(0, Math.round(age)), 0xffff_ffff));
  view.setFloat64(8, offset);
  bytes.set(body, HEAD_BYTES);
  return bytes;
}

/** Writes a message whose body is JSON. */
export function encodeMediaJson(
  kind: MediaKind,
  offset: number,
  value: unknown,
): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return encodeMedia(kind, offset, body);
}

/** Reads a message; `undefined` for what is none, or of another version. */
export function decodeMedia(bytes: Uint8Array): MediaMessage | undefined {
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offset = view.getFloat64(8);
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  const body = bytes.subarray(HEAD_BYTES);
  return { kind: bytes[1]!, age: view.getUint32(4), offset, body };
}
