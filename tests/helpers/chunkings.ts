import { seededRandom } from "./rng.ts";

/** Cuts `bytes` into pieces of `size` bytes; the last may be shorter. */
export function* piecesOf(
  bytes: Uint8Array,
  size: number,
): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

/** Cuts `bytes` into pieces of random sizes from 1 to `most` bytes. */
export function* randomPiecesOf(
  bytes: Uint8Array,
  most: number,
  seed: number,
): Generator<Uint8Array> {
  const random = seededRandom(seed);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(most);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Every way to cut `bytes` in two, the uncut one included. */
export function* everySplitOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  for (let at = 1; at < bytes.length; at++) {
    yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}
