import { assertEquals } from "@std/assert";
import { casesOf } from "../helpers/fast.ts";
import {
  everySplitOf,
  piecesOf,
  randomPiecesOf,
} from "../helpers/chunkings.ts";

/** Bytes up to which every split in two is tried; above, splits near both ends and some between. */
const EVERY_SPLIT_BYTES = casesOf(400);

/** Seeds of random chunkings. */
const SEEDS = [1, 2, 3, 4];

/** Some bytes, and what a decoder has to make of them. */
export interface DecoderCase<T> {
  /** Says what is special about the bytes. */
  readonly name: string;
  /** All that the decoder is given. */
  readonly bytes: Uint8Array;
  /** What comes out, however the bytes are cut. */
  readonly expected: T;
}

/** Feeds chunks to a new decoder and tells what came out. */
export type Decode<T> = (chunks: Iterable<Uint8Array>) => Promise<T>;

/**
 * The conformance of a decoder: for each case one test, which demands the same result of every
 * chunking.
 *
 * @param subject Stands before the name of each test.
 * @param decode The decoder.
 * @param cases At least one.
 */
export function decoderSuite<T>(
  subject: string,
  decode: Decode<T>,
  cases: Iterable<DecoderCase<T>>,
): void {
  let count = 0;
  for (const each of cases) {
    count++;
    Deno.test(`${subject} ${each.name}, in chunks of any size`, async () => {
      await assertSameInAnyChunks(decode, each);
    });
  }
  if (count === 0) throw new Error(`Cannot test ${subject}: no case`);
}

/** Runs one case in every chunking. */
export async function assertSameInAnyChunks<T>(
  decode: Decode<T>,
  { name, bytes, expected }: DecoderCase<T>,
): Promise<void> {
  for (const { how, chunks } of chunkingsOf(bytes)) {
    assertEquals(await decode(chunks), expected, `${name}, ${how}`);
  }
}

interface Chunking {
  readonly how: string;
  readonly chunks: Iterable<Uint8Array>;
}

function* chunkingsOf(bytes: Uint8Array): Generator<Chunking> {
  yield { how: "one by one", chunks: piecesOf(bytes, 1) };
  yield { how: "with empty chunks", chunks: withEmptyChunks(bytes) };
  for (const chunks of splitsOf(bytes)) {
    yield { how: `cut at ${chunks[0]?.length}`, chunks };
  }
  for (const seed of SEEDS) {
    const most = seed % 2 === 0 ? 7 : 1000;
    const chunks = randomPiecesOf(bytes, most, seed);
    yield { how: `pieces up to ${most}, seed ${seed}`, chunks };
  }
}

function* withEmptyChunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (const piece of piecesOf(bytes, 3)) {
    yield new Uint8Array();
    yield piece;
  }
}

function* splitsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  if (bytes.length <= EVERY_SPLIT_BYTES) return yield* everySplitOf(bytes);
  yield [bytes];
  const stride = Math.ceil(bytes.length / casesOf(50));
  const near = EVERY_SPLIT_BYTES / 10;
  for (let at = 1; at < bytes.length; at++) {
    const worth = at < near || at > bytes.length - near || at % stride === 0;
    if (worth) yield [bytes.subarray(0, at), bytes.subarray(at)];
  }
}
