/**
 * Big-endian numbers and names in headers. Bytes beyond the end read as 0, because a header may be cut
 * short or state a wrong length.
 *
 * @module
 */

/**
 * Reads an unsigned big-endian number.
 *
 * @param bytes What is read.
 * @param at Index of its first byte.
 * @param width Bytes, 1 to 8. Above 2^53 the result is rounded.
 */
export function uintAt(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = at; i < at + width; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

/**
 * Reads four bytes as a name of four characters (ISO/IEC 14496-12 4.2).
 *
 * @param bytes What is read.
 * @param at Index of the first character.
 */
export function fourccAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
  );
}
