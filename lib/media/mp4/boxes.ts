/**
 * Boxes of the ISO base media file format (ISO/IEC 14496-12 4.2).
 *
 * @module
 */
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import type { PeekReader } from "../reader/peek_reader.ts";

/** The head of a box. */
export interface BoxHead {
  /** The four characters that name it. */
  readonly type: string;
  /** Bytes of the box with its head; infinite when it reaches to the end of the stream. */
  readonly size: number;
  /** Bytes of the head: 8, or 16 with a size of 64 bits. */
  readonly headLength: number;
}

/** A box with its data. */
export interface Box {
  /** The four characters that name it. */
  readonly type: string;
  /** What follows the head; in a full box, version and flags first. */
  readonly data: Uint8Array;
}

/** Looks at the head of the box at the reader's place; nothing when it has not all arrived. */
export function peekBox(reader: PeekReader): BoxHead | undefined {
  const short = reader.peek(8);
  if (!short || uintAt(short, 0, 4) !== 1) return short && boxHeadAt(short, 0);
  const long = reader.peek(16);
  return long && boxHeadAt(long, 0);
}

/**
 * Reads the head of a box.
 *
 * @param bytes What is read; bytes beyond its end count as 0.
 * @param at Index of the head.
 */
export function boxHeadAt(bytes: Uint8Array, at: number): BoxHead {
  const type = fourccAt(bytes, at + 4);
  const size = uintAt(bytes, at, 4);
  if (size === 1) {
    return { type, size: uintAt(bytes, at + 8, 8), headLength: 16 };
  }
  return { type, size: size === 0 ? Infinity : size, headLength: 8 };
}

/** Whether four bytes can name a box: characters of ASCII, or the copyright sign of QuickTime. */
export function isBoxType(type: string): boolean {
  return /^[ -~\xa9]{4}$/.test(type);
}

/** The consecutive boxes in `bytes`, up to the first that does not fit. */
export function* boxesOf(bytes: Uint8Array): Generator<Box> {
  for (let at = 0; at + 8 <= bytes.length;) {
    const { type, size, headLength } = boxHeadAt(bytes, at);
    const end = at + size;
    if (size < headLength || end > bytes.length) return;
    yield { type, data: bytes.subarray(at + headLength, end) };
    at = end;
  }
}

/**
 * The data of a box inside boxes.
 *
 * @param bytes Consecutive boxes.
 * @param path Their names from the outermost on; the first box of each name counts.
 */
export function boxIn(
  bytes: Uint8Array,
  ...path: readonly string[]
): Uint8Array | undefined {
  let data: Uint8Array | undefined = bytes;
  for (const type of path) {
    data = data && firstOf(data, type);
  }
  return data;
}

function firstOf(bytes: Uint8Array, type: string): Uint8Array | undefined {
  for (const box of boxesOf(bytes)) if (box.type === type) return box.data;
  return undefined;
}
