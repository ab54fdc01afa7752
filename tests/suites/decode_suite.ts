import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { TrackerFactory } from "../../lib/media/tracker.ts";
import { casesOf } from "../helpers/fast.ts";
import { decode, type Decoded, needsFfmpeg } from "../helpers/ffmpeg.ts";
import { joinedBytes, track, type TrackedJoin } from "./join_suite.ts";

/** Up to `most` of the join points, the first and the last among them. */
function spread(joins: readonly TrackedJoin[], most: number): TrackedJoin[] {
  const step = Math.max(1, Math.ceil((joins.length - 1) / (most - 1)));
  return joins.filter((_, i) => i % step === 0 || i === joins.length - 1);
}

/** Decodes in pairs: more at a time would only take turns. */
async function decodeAll(
  streams: Uint8Array[],
  format: string,
): Promise<Decoded[]> {
  const decoded: Decoded[] = [];
  for (let i = 0; i < streams.length; i += 2) {
    decoded.push(
      ...await Promise.all(
        streams.slice(i, i + 2).map((bytes) => decode(bytes, format)),
      ),
    );
  }
  return decoded;
}

/** What is special about a codec for ffmpeg. */
export interface DecodeSuiteOptions {
  /** Whether it marks all key frames; of DTS it marks some. */
  readonly marksKeys?: boolean;
  /** Bytes that it needs to recognise the stream. */
  readonly leastBytes?: number;
}

/**
 * Asserts that ffmpeg decodes from join points on without an error: from the first all frames of the
 * sample, from each later one fewer, and a key frame first.
 *
 * @param name Named in the test.
 * @param factory The tracker under test.
 * @param sample A whole, intact stream.
 * @param format ffmpeg's name of the demuxer.
 */
export function decodeSuite(
  name: string,
  factory: TrackerFactory,
  sample: Uint8Array,
  format: string,
  { marksKeys = true, leastBytes = 0 }: DecodeSuiteOptions = {},
): void {
  const test = needsFfmpeg(`${name}: join points decode from the first frame`);
  Deno.test(test.name, { ignore: test.ignore }, async () => {
    const all = track(factory, [sample]).joins.filter(({ offset }) =>
      sample.length - offset >= leastBytes
    );
    const joins = spread(all, 4);
    const streams = joins.map((join) => joinedBytes(sample, join));
    const [whole, ...joined] = await decodeAll([sample, ...streams], format);
    let before = (whole?.frames ?? 0) + 1;
    assertEquals(joined[0]?.frames, whole?.frames);
    for (const { frames, keyFirst, errors } of joined) {
      assertEquals(errors, []);
      assert(keyFirst || !marksKeys, "the first frame is no key frame");
      assert(frames > 0 && frames < before, `${frames} after ${before} frames`);
      before = frames;
    }
  });
}

/**
 * Asserts that a stream that broke off and was completed with zeros can be followed by another: the
 * tracker finds all join points of it. Zeros in a head may read as corruption, but as one incident.
 *
 * @param name Named in the test.
 * @param factory The tracker under test.
 * @param sample A whole, intact stream.
 */
export function breakSuite(
  name: string,
  factory: TrackerFactory,
  sample: Uint8Array,
): void {
  Deno.test(`${name}: missingBytes completes a stream that broke off`, () => {
    const all = track(factory, [sample]).joins.map((join) => join.offset);
    const step = Math.ceil(sample.length / casesOf(400));
    for (let cut = all[0] ?? 0; cut < sample.length; cut += step) {
      const head = sample.subarray(0, cut);
      const zeros = new Uint8Array(missingAfter(factory, head));
      const spliced = track(factory, [head, zeros, sample]);
      const from = cut + zeros.length;
      const later = spliced.joins.map(({ offset }) => offset - from)
        .filter((offset) => offset >= 0);
      assertEquals(later, all, `cut at ${cut}`);
      assertLessOrEqual(spliced.corruptions.length, 1, `cut at ${cut}`);
    }
  });
}

function missingAfter(factory: TrackerFactory, bytes: Uint8Array): number {
  const ignore = (): void => {};
  const sink = {
    init: ignore,
    join: ignore,
    info: ignore,
    corruption: ignore,
    giveUp: ignore,
  };
  const tracker = factory(sink);
  tracker.push(bytes);
  return tracker.missingBytes;
}
