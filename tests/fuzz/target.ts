/** What fuzzing feeds, and the laws that hold whatever it is fed. */
export interface FuzzTarget {
  /** Its name, and that of its folder in the corpus. */
  readonly name: string;
  /** Cases of a run that names no number: a million unless a case takes milliseconds. */
  readonly cases: number;
  /** Words that mean something to the target, to be put into what it is fed. */
  readonly words: readonly string[];
  /**
   * Feeds it.
   *
   * @param bytes Anything at all.
   * @param random Chooses where bytes are cut into pieces.
   * @throws {Error} When a law is broken.
   */
  readonly check: (
    bytes: Uint8Array<ArrayBuffer>,
    random: (below: number) => number,
  ) => void | Promise<void>;
}

/** Cases of a target that takes at most some hundred microseconds for each: minutes in all. */
export const CHEAP_CASES = 1_000_000;

/** Cuts bytes into pieces of random sizes, some of them one byte long. */
export function cutAtRandom(
  bytes: Uint8Array,
  random: (below: number) => number,
): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const most = random(3) === 0 ? 1 : 1 + random(bytes.length + 1);
  for (let at = 0; at < bytes.length;) {
    const size = 1 + random(most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** Text of any bytes: what is not UTF-8 becomes U+FFFD, a byte order mark stays. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
