import { assert, assertEquals } from "@std/assert";
import type { TrackerFactory } from "../../lib/media/tracker.ts";
import { joinedBytes, track, type TrackedJoin } from "../suites/join_suite.ts";
import { decode, needsFfmpeg } from "./ffmpeg.ts";

/** Join points of a sample that are decoded; ffmpeg takes some 50 ms for each. */
const MOST_JOINS = 6;

/** Decoders that run at a time. */
const AT_ONCE = 2;

/** A sample of `tests/vectors/media`. */
export function mediaSample(name: string): Uint8Array {
  return Deno.readFileSync(
    new URL(`../vectors/media/${name}`, import.meta.url),
  );
}

/** Bytes that must follow a join point that is tried: less does not tell a decoder what it is. */
const LEAST_BYTES = 1000;

/** Join points spread evenly, the first included, each with its place in the list. */
function spread(
  joins: readonly TrackedJoin[],
  length: number,
): [number, TrackedJoin][] {
  const usable = joins.filter((join) => length - join.offset >= LEAST_BYTES);
  const step = Math.max(1, usable.length / MOST_JOINS);
  const picked: [number, TrackedJoin][] = [];
  for (let i = 0; i < usable.length; i += step) {
    const index = Math.floor(i);
    const join = usable[index];
    if (join) picked.push([index, join]);
  }
  return picked;
}

/**
 * A test that a watcher that joins at any join point decodes all that follows: no error line, a key frame
 * first, and the frames that follow, no more, no less.
 *
 * @param sample Name of a sample in `tests/vectors/media`.
 * @param factory The tracker.
 * @param everyFrame Whether every frame is a join point, so that the frames can be counted.
 */
export function decodeJoins(
  sample: string,
  factory: TrackerFactory,
  everyFrame: boolean,
): void {
  Deno.test({
    ...needsFfmpeg(`${sample}: decodes from every join point on`),
    fn: async () => {
      const bytes = mediaSample(sample);
      const { joins } = track(factory, [bytes]);
      const picked = spread(joins, bytes.length);
      for (let i = 0; i < picked.length; i += AT_ONCE) {
        const some = picked.slice(i, i + AT_ONCE);
        // Asserted once all have ended, so that a failure leaves no decoder running.
        const decoded = await Promise.all(
          some.map(([, join]) => decode(joinedBytes(bytes, join))),
        );
        for (const [at, { frames, keyFirst, errors }] of decoded.entries()) {
          const [index, { offset }] = some[at]!;
          assertEquals(errors, [], `join at ${offset}`);
          assert(keyFirst, `join at ${offset}: no key frame first`);
          const least = everyFrame ? joins.length - index : 1;
          const most = everyFrame ? least : Infinity;
          const where = `${frames} frames from ${offset} on`;
          assert(frames >= least && frames <= most, where);
        }
      }
    },
  });
}
