/**
 * ID3 tags, which stand before, between and after the frames of MP3 and ADTS streams.
 *
 * @module
 */

/** Bytes of the head of an ID3v2 tag, which also tell any tag from a frame. */
export const ID3_HEAD_BYTES = 10;

/** Bytes of a tag: the largest contain a cover picture of some MB; more is corruption. */
export const MAX_ID3_BYTES: number = 16 * 1024 * 1024;

/** Bytes of an ID3v1 tag, which ends a file. */
const ID3V1_BYTES = 128;

/**
 * Bytes of the tag at `at`, of which {@linkcode ID3_HEAD_BYTES} must be there: ID3v2 with its head and
 * footer (ID3v2.4 §3.1, length in 4 × 7 bits), or ID3v1.
 *
 * @returns `undefined` when there is no tag, or it is longer than {@linkcode MAX_ID3_BYTES}.
 */
export function id3Bytes(bytes: Uint8Array, at: number): number | undefined {
  const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (a === 0x54 && b === 0x41 && c === 0x47) return ID3V1_BYTES;
  if (a !== 0x49 || b !== 0x44 || c !== 0x33 || bytes[at + 3] === 0xff) {
    return undefined;
  }
  let length = 0;
  for (let i = at + 6; i < at + 10; i++) {
    const digit = bytes[i] ?? 0xff;
    if (digit > 0x7f) return undefined;
    length = length * 128 + digit;
  }
  const footer = (bytes[at + 5] ?? 0) & 0x10 ? ID3_HEAD_BYTES : 0;
  const total = ID3_HEAD_BYTES + length + footer;
  return total <= MAX_ID3_BYTES ? total : undefined;
}
