import { concat } from "@std/bytes";

/** Bytes that a case has at most: above every cap of what it is fed to but those of media. */
export const MAX_CASE_BYTES = 64 * 1024;

/** Changes made to a case, at most. */
const MAX_CHANGES = 6;

/** Bytes that are cut out, doubled or overwritten at a time, at most. */
const MAX_STRETCH = 64;

/** Bytes that formats give a meaning, in addition to those of the words. */
const TELLING = [0, 1, 0x0a, 0x0d, 0x20, 0x2c, 0x3d, 0x7f, 0x80, 0xc3, 0xff];

/** Gives the next integer in `[0, below)`. */
export type Random = (below: number) => number;

type Change = (bytes: Uint8Array, at: number, random: Random) => Uint8Array;

/** What is done to a case; inserting a word is another. */
const CHANGES: readonly Change[] = [
  (bytes, at, random) => put(bytes, at, new Uint8Array([random(256)])),
  (bytes, at, random) =>
    put(bytes, at, new Uint8Array([TELLING[random(TELLING.length)]!])),
  (bytes, at, random) => {
    const bit = new Uint8Array([(bytes[at] ?? 0) ^ (1 << random(8))]);
    return put(bytes, at, bit);
  },
  (bytes, at, random) => splice(bytes, at, 1 + random(MAX_STRETCH)),
  (bytes, at, random) => {
    const stretch = bytes.slice(at, at + 1 + random(MAX_STRETCH));
    return splice(bytes, at, 0, stretch);
  },
  (bytes, at, random) => {
    const from = random(bytes.length + 1);
    const stretch = bytes.slice(from, from + 1 + random(MAX_STRETCH));
    return put(bytes, at, stretch);
  },
  (bytes, at, random) => random(20) === 0 ? bytes.slice(0, at) : bytes,
  (bytes, at, random) => {
    const many = random(20) === 0 ? 9000 : 300;
    const fill = new Uint8Array(random(many)).fill(bytes[at] ?? 0x61);
    return splice(bytes, at, 0, fill);
  },
];

/**
 * Makes a case of a seed: a few random changes, words of the target's language among them.
 *
 * @param seed Not changed.
 * @param words Put in here and there.
 * @param random Chooses.
 */
export function mutate(
  seed: Uint8Array,
  words: readonly string[],
  random: Random,
): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array = seed;
  for (let changes = random(MAX_CHANGES + 1); changes > 0; changes--) {
    const at = random(bytes.length + 1);
    const change = CHANGES[random(CHANGES.length + (words.length ? 3 : 0))];
    if (change) bytes = change(bytes, at, random);
    else {
      const word = new TextEncoder().encode(words[random(words.length)]!);
      bytes = splice(bytes, at, random(2) ? 0 : word.length, word);
    }
  }
  return bytes.slice(0, MAX_CASE_BYTES);
}

function put(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  return splice(bytes, at, part.length, part);
}

/** Replaces some bytes by a part. */
function splice(
  bytes: Uint8Array,
  at: number,
  gone: number,
  part: Uint8Array = new Uint8Array(),
): Uint8Array {
  return concat([bytes.subarray(0, at), part, bytes.subarray(at + gone)]);
}
