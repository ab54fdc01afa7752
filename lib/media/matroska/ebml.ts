/**
 * EBML (RFC 8794): the elements that Matroska and WebM are made of.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import type { PeekReader } from "../reader/peek_reader.ts";

/** Element IDs of EBML and Matroska (RFC 8794 11.2, RFC 9559 5.1). */
export const EBML_ID = {
  EBML: 0x1a45dfa3,
  DOC_TYPE: 0x4282,
  VOID: 0xec,
  CRC32: 0xbf,
  SEGMENT: 0x18538067,
  SEEK_HEAD: 0x114d9b74,
  INFO: 0x1549a966,
  TIMESTAMP_SCALE: 0x2ad7b1,
  TRACKS: 0x1654ae6b,
  TRACK_ENTRY: 0xae,
  TRACK_NUMBER: 0xd7,
  TRACK_UID: 0x73c5,
  TRACK_TYPE: 0x83,
  CODEC_ID: 0x86,
  CODEC_PRIVATE: 0x63a2,
  VIDEO: 0xe0,
  PIXEL_WIDTH: 0xb0,
  PIXEL_HEIGHT: 0xba,
  CUES: 0x1c53bb6b,
  TAGS: 0x1254c367,
  CHAPTERS: 0x1043a770,
  ATTACHMENTS: 0x1941a469,
  CLUSTER: 0x1f43b675,
  TIMESTAMP: 0xe7,
  SILENT_TRACKS: 0x5854,
  POSITION: 0xa7,
  PREV_SIZE: 0xab,
  SIMPLE_BLOCK: 0xa3,
  ENCRYPTED_BLOCK: 0xaf,
  BLOCK_GROUP: 0xa0,
  BLOCK: 0xa1,
  BLOCK_VIRTUAL: 0xa2,
  BLOCK_ADDITIONS: 0x75a1,
  BLOCK_DURATION: 0x9b,
  REFERENCE_PRIORITY: 0xfa,
  REFERENCE_BLOCK: 0xfb,
  REFERENCE_VIRTUAL: 0xfd,
  CODEC_STATE: 0xa4,
  DISCARD_PADDING: 0x75a2,
  SLICES: 0x8e,
  REFERENCE_FRAME: 0xc8,
} as const;

/** The head of an element: its ID and the size of its data. */
export interface ElementHead {
  /** The element ID with its length marker, as specifications write it. */
  readonly id: number;
  /** Bytes of the element's data; infinite when the size is unknown (RFC 8794 6.2). */
  readonly size: number;
  /** Bytes of ID and size together. */
  readonly headLength: number;
}

/**
 * Bytes of the variable-size integer that begins with this byte (RFC 8794 4): 1 to 8, or 9 when no
 * integer begins so.
 */
export function vintLength(first: number): number {
  return Math.clz32(first & 0xff) - 23;
}

/**
 * Reads the value of a variable-size integer without its length marker.
 *
 * @returns The value, infinite when all its bits are 1, which means "unknown" in a size.
 */
export function vintValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = vintLength(first);
  // The marker is removed first: with it, 8 bytes would not fit a number exactly.
  const high = first & (0xff >> length);
  if (length === 1) return high === 0x7f ? Infinity : high;
  const value = high * 256 ** (length - 1) + uintAt(bytes, at + 1, length - 1);
  return value >= 2 ** (7 * length) - 1 ? Infinity : value;
}

/**
 * Looks at the head of the element at the reader's place.
 *
 * @returns The head, `"more"` when it has not all arrived, `"bad"` when no element begins so.
 */
export function peekElement(
  reader: PeekReader,
): ElementHead | "more" | "bad" {
  if (!reader.has(1)) return "more";
  const idLength = vintLength(reader.bytes[reader.at]!);
  if (idLength > 4) return "bad";
  if (!reader.has(idLength + 1)) return "more";
  const sizeLength = vintLength(reader.bytes[reader.at + idLength]!);
  if (sizeLength > 8) return "bad";
  if (!reader.has(idLength + sizeLength)) return "more";
  return elementHeadAt(reader.bytes, reader.at);
}

/** An element with its data. */
export interface Element {
  /** The element ID with its length marker. */
  readonly id: number;
  /** The element's data. */
  readonly data: Uint8Array;
}

/** The consecutive elements in `bytes`, up to the first that does not fit. */
export function* elementsOf(bytes: Uint8Array): Generator<Element> {
  for (let at = 0; at < bytes.length;) {
    if (vintLength(bytes[at] ?? 0) > 4) return;
    const { id, size, headLength } = elementHeadAt(bytes, at);
    const end = at + headLength + size;
    if (end > bytes.length) return;
    yield { id, data: bytes.subarray(at + headLength, end) };
    at = end;
  }
}

/** The unsigned integer that is an element's data (RFC 8794 7.2). */
export function uintOf(data: Uint8Array): number {
  return uintAt(data, 0, Math.min(data.length, 8));
}

/** The text that is an element's data, without padding zeros (RFC 8794 7.4). */
export function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data).replace(/\0.*$/s, "");
}

function elementHeadAt(bytes: Uint8Array, at: number): ElementHead {
  const idLength = vintLength(bytes[at] ?? 0);
  const sizeLength = vintLength(bytes[at + idLength] ?? 0);
  return {
    id: uintAt(bytes, at, idLength),
    // A size of invalid length counts as unknown.
    size: sizeLength > 8 ? Infinity : vintValue(bytes, at + idLength),
    headLength: idLength + sizeLength,
  };
}
