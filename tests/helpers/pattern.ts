/**
 * Bytes that tell their own place, so that a lost, torn, doubled or foreign slice shows.
 *
 * @param from Offset of the first byte.
 * @param length How many.
 * @param seed Another pattern for another stream.
 */
export function pattern(
  from: number,
  length: number,
  seed = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const low = (from + at) % ROW_BYTES;
    const start = rowOf(from + at, seed) * ROW_BYTES;
    const part = ROWS.subarray(start + low, start + ROW_BYTES);
    bytes.set(part.subarray(0, length - at), at);
    at += part.length;
  }
  return bytes;
}

/** Offsets that differ in their lowest byte alone. */
const ROW_BYTES = 256;

/** The 256 rows of 256 bytes that patterns are made of, as copying is far faster than computing. */
const ROWS: Uint8Array = new Uint8Array(ROW_BYTES * 256);
for (let at = 0; at < ROWS.length; at++) ROWS[at] = at * 31 + (at >> 8);

/** All three bytes of an offset count, so that slices a power of two apart differ. */
function rowOf(offset: number, seed: number): number {
  return ((offset >> 8) * 17 + (offset >> 16) * 7 + seed * 101) & 0xff;
}

/** The SHA-256 of bytes, in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
