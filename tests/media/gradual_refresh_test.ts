/**
 * Streams with gradual refresh: one IDR picture at the start, then no picture that is coded alone.
 *
 * @module
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { concat } from "@std/bytes";
import {
  BLIND_AFTER_PICTURES,
  BLIND_EVERY_PICTURES,
} from "../../lib/media/codec/random_access_policy.ts";
import type { JoinPoint } from "../../lib/media/tracker.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { mediaSample } from "../helpers/decode_joins.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import { countBad, thumbnails } from "../helpers/thumbnails.ts";

/** Pictures of a refresh, which is also how often the encoders begin one. */
const REFRESH_PICTURES = 25;

/** Wrong pictures that a decoder may show first: two refreshes, and what they have not reached. */
const MOST_BAD_PICTURES = 60;

/** A fallback with the init segment in force. */
interface Fallback extends JoinPoint {
  readonly init: Uint8Array;
}

/** The join points and fallbacks of a stream. */
function startsOf(
  pieces: Iterable<Uint8Array>,
): { joins: number[]; fallbacks: Fallback[] } {
  const joins: number[] = [];
  const fallbacks: Fallback[] = [];
  let init = new Uint8Array();
  const ignore = (): void => {};
  const tracker = trackerFor({ bufsize: 0, format: undefined })({
    init: (bytes) => init = bytes.slice(),
    join: ({ offset }) => joins.push(offset),
    fallbackJoin: (point) => fallbacks.push({ ...point, init }),
    info: ignore,
    corruption: ignore,
    giveUp: ignore,
  });
  for (const piece of pieces) tracker.push(piece);
  return { joins, fallbacks };
}

/** Each sample with its number of pictures, and those at which fallbacks are expected. */
const SAMPLES: readonly [string, number, readonly number[]][] = [
  ["h264_intra_refresh.h264", 150, [25, 50, 75, 100, 125]],
  ["mpegts_intra_refresh.mpegts", 150, [25, 50, 75, 100, 125]],
  [
    "hevc_intra_refresh.hevc",
    750,
    Array.from(
      { length: 6 },
      (_, i) => BLIND_AFTER_PICTURES + i * BLIND_EVERY_PICTURES,
    ),
  ],
];

for (const [name, pictures, expected] of SAMPLES) {
  const sample = new Uint8Array(mediaSample(name));
  Deno.test(`${name}: fallbacks follow the only join point, in any chunking`, () => {
    const whole = startsOf([sample]);
    assertEquals(whole.joins.length, 1);
    assertEquals(whole.fallbacks.length, expected.length);
    for (const size of [1, 188, 1000]) {
      assertEquals(startsOf(piecesOf(sample, size)), whole);
    }
  });

  Deno.test({
    ...needsFfmpeg(`${name}: a decoder that starts at a fallback recovers`),
    fn: async () => {
      const format = name.split(".").at(-1)!;
      const right = await thumbnails(sample, format);
      assertEquals(right.length, pictures);
      const { fallbacks } = startsOf([sample]);
      for (const [i, point] of fallbacks.entries()) {
        const left = pictures - expected[i]!;
        if (left < 3 * REFRESH_PICTURES) continue;
        const { init, prefix = new Uint8Array(), offset } = point;
        const from = sample.subarray(offset);
        const shown = await thumbnails(
          concat([init, prefix, from]),
          format,
        );
        assert(shown.length > 0 && shown.length <= left, `${shown.length}`);
        const bad = countBad(shown, right.slice(expected[i]!));
        assertLessOrEqual(bad, MOST_BAD_PICTURES, `from ${offset}`);
        assertEquals(countBad(shown.slice(-1), right.slice(-1)), 0);
      }
    },
  });
}
