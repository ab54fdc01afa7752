/**
 * Most bytes of UTF-8 in a secret: as many as the largest request frame, which carries it. Every
 * comparison reads all of them.
 */
export const MAX_SECRET_BYTES = 4096;

interface Padded {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly fits: boolean;
}

function padded(secret: string): Padded {
  const bytes = new Uint8Array(MAX_SECRET_BYTES);
  const { read, written } = new TextEncoder().encodeInto(secret, bytes);
  return { bytes, length: written, fits: read === secret.length };
}

/**
 * Compares two secrets as UTF-8 and reads the same number of bytes whatever they are, so that the time
 * reveals neither where they differ nor how long they are.
 *
 * @returns Whether they are equal; `false` when one is longer than {@linkcode MAX_SECRET_BYTES}.
 */
export function secretsEqual(given: string, expected: string): boolean {
  const a = padded(given);
  const b = padded(expected);
  let difference = a.length ^ b.length;
  for (let i = 0; i < MAX_SECRET_BYTES; i++) {
    difference |= (a.bytes[i] ?? 0) ^ (b.bytes[i] ?? 0);
  }
  return difference === 0 && a.fits && b.fits;
}
