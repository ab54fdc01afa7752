import { assert, assertEquals, fail } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { MAX_TRACKER_BYTES } from "../../lib/media/limits.ts";
import {
  type JoinPoint,
  type MediaInfo,
  type Tracker,
  type TrackerFactory,
} from "../../lib/media/tracker.ts";
import { piecesOf, randomPiecesOf } from "../helpers/chunkings.ts";
import { casesOf, isFast } from "../helpers/fast.ts";
import { seededRandom } from "../helpers/rng.ts";

/** Sizes of the pieces that streams are cut into. */
const PIECE_BYTES = isFast
  ? [1, 7, 189, 4096]
  : [1, 2, 3, 7, 187, 188, 189, 1316, 4096, 65536];

/** A join point together with the init bytes that were in force when it was reported. */
export interface TrackedJoin extends JoinPoint {
  readonly init: Uint8Array;
}

/** All that a tracker said of a stream. */
export interface Tracked {
  readonly joins: TrackedJoin[];
  readonly infos: MediaInfo[];
  readonly corruptions: string[];
  readonly gaveUp: string | undefined;
  readonly time: number | undefined;
}

/**
 * Runs a tracker over a stream and asserts the laws that hold for any bytes: it does not throw, does
 * not write to what it is given, stays under its cap, and its offsets lie in what it has been
 * pushed and never go back.
 */
export function track(
  factory: TrackerFactory,
  pieces: Iterable<Uint8Array>,
): Tracked {
  const joins: TrackedJoin[] = [];
  const infos: MediaInfo[] = [];
  const corruptions: string[] = [];
  let init: Uint8Array = new Uint8Array();
  let gaveUp: string | undefined;
  let pushed = 0;
  const tracker: Tracker = factory({
    init: (bytes) => init = bytes,
    join: (point) => {
      assert(gaveUp === undefined, "a tracker that gave up must not report");
      assert(
        point.offset >= (joins.at(-1)?.offset ?? 0),
        `join goes back to ${point.offset}`,
      );
      joins.push({ ...point, init });
    },
    info: (info) => infos.push(info),
    corruption: (what) => corruptions.push(what),
    giveUp: (why) => gaveUp = why,
  });
  for (const piece of pieces) {
    if (gaveUp !== undefined) break;
    // A copy that is wiped afterwards: a tracker must not keep a view of what it was pushed.
    const copy = piece.slice();
    pushed += copy.length;
    tracker.push(copy);
    assert(equals(copy, piece), "a tracker must not write to the bytes");
    copy.fill(0xee);
    // Messages are made only where they are shown: there are millions of pieces.
    const { heldBytes } = tracker;
    if (heldBytes > MAX_TRACKER_BYTES) {
      fail(`${heldBytes} bytes held, ${MAX_TRACKER_BYTES} allowed`);
    }
    const newest = joins.at(-1)?.offset ?? 0;
    if (newest > pushed) fail(`join at ${newest}, pushed ${pushed}`);
  }
  return { joins, infos, corruptions, gaveUp, time: tracker.time };
}

/** What a joiner at `join` is sent of `stream`. */
export function joinedBytes(stream: Uint8Array, join: TrackedJoin): Uint8Array {
  return concat([
    join.init,
    join.prefix ?? new Uint8Array(),
    stream.subarray(join.offset),
  ]);
}

/** What a running decoder is sent of `stream` when it continues at `join`. */
export function splicedBytes(
  stream: Uint8Array,
  join: TrackedJoin,
): Uint8Array {
  return concat([join.reset ?? new Uint8Array(), joinedBytes(stream, join)]);
}

/** One or two random faults: bytes flipped, cut out, doubled, or replaced by hostile values. */
export function mutated(sample: Uint8Array, seed: number): Uint8Array {
  const random = seededRandom(seed);
  let bytes = sample.slice();
  for (let faults = 1 + random(3); faults > 0; faults--) {
    const at = random(bytes.length);
    const length = Math.min(
      1 + random(random(2) ? 8 : 2000),
      bytes.length - at,
    );
    const kind = random(5);
    if (kind === 0) {
      for (let i = 0; i < length; i++) bytes[at + i] = random(256);
    } else if (kind === 1) {
      bytes = concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    } else if (kind === 2) {
      bytes = concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    } else if (kind === 3) bytes.fill(0xff, at, at + Math.min(length, 8));
    else bytes.fill(0, at, at + Math.min(length, 8));
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/**
 * The conformance suite of trackers: any chunking gives the same result, and corrupted streams obey
 * the laws of {@linkcode track}.
 *
 * @param name Named in the tests.
 * @param factory The tracker under test.
 * @param sample A whole, intact stream with at least two join points.
 * @param fuzzCases How many corrupted variants are tried; fewer in the inner loop ({@linkcode casesOf}).
 */
export function joinSuite(
  name: string,
  factory: TrackerFactory,
  sample: Uint8Array,
  fuzzCases = 200,
): void {
  Deno.test(`${name}: any chunking gives the same result`, () => {
    const whole = track(factory, [sample]);
    assert(
      whole.joins.length >= 2,
      `${whole.joins.length} join points in the sample`,
    );
    assertEquals(whole.gaveUp, undefined);
    assertEquals(whole.corruptions, []);
    for (const size of PIECE_BYTES) {
      if (size < 188 && sample.length > 600_000) continue;
      const cut = track(factory, piecesOf(sample, size));
      assertEquals(cut, whole, `pieces of ${size} bytes`);
    }
    for (let seed = 1; seed <= casesOf(5); seed++) {
      assertEquals(
        track(factory, randomPiecesOf(sample, 3000, seed)),
        whole,
        `seed ${seed}`,
      );
    }
  });

  Deno.test(`${name}: corrupted streams obey the laws, in any chunking`, () => {
    for (let seed = 1; seed <= casesOf(fuzzCases); seed++) {
      const bytes = mutated(sample, seed);
      const whole = track(factory, [bytes]);
      const cut = track(factory, randomPiecesOf(bytes, 2000, seed));
      assertEquals(
        cut.joins.map((join) => join.offset),
        whole.joins.map((join) => join.offset),
        `seed ${seed}`,
      );
      assertEquals(cut.gaveUp, whole.gaveUp, `seed ${seed}`);
    }
  });
}
