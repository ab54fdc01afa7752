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
  for (let i = 0; i < length; i++) bytes[i] = patternByte(from + i, seed);
  return bytes;
}

/** All three bytes of an offset count, so that slices a power of two apart differ. */
function patternByte(offset: number, seed: number): number {
  return (offset * 31 + (offset >> 8) * 17 + (offset >> 16) * 7 + seed * 101) &
    0xff;
}

/** The SHA-256 of bytes, in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
