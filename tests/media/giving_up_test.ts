import { assertEquals, assertMatch } from "@std/assert";
import { detect } from "../../lib/media/detect/detect.ts";
import {
  MAX_JOINLESS_BYTES,
  MAX_RESYNC_BYTES,
  MAX_SCAN_BYTES,
} from "../../lib/media/limits.ts";
import type { TrackerFactory } from "../../lib/media/tracker.ts";
import { mediaSample } from "../helpers/decode_joins.ts";
import { slow } from "../helpers/fast.ts";
import { track } from "../suites/join_suite.ts";

const PIECE_BYTES = 64 * 1024;

/** How exact the limits of corruption are: a frame or two, because some count from where one begins. */
const EXACT_BYTES = 4096;

/** Bytes of corruption after which each tracker gives up. */
const CORRUPTED: readonly (readonly [string, number])[] = [
  ["ac3.ac3", MAX_SCAN_BYTES],
  ["adts.aac", MAX_SCAN_BYTES],
  ["dts_core.dts", MAX_SCAN_BYTES],
  ["flac_pipe.flac", MAX_SCAN_BYTES],
  ["latm_aac.latm", MAX_SCAN_BYTES],
  ["mp3_plain.mp3", MAX_SCAN_BYTES],
  ["mpegts_h264_aac.mpegts", MAX_SCAN_BYTES],
  ["ogg_opus.ogg", MAX_SCAN_BYTES],
  // A frame more: the header tells how large they are.
  ["y4m_420.y4m", MAX_SCAN_BYTES + 9670],
  ["av1_obu.obu", MAX_RESYNC_BYTES],
  ["flv_h264_aac.flv", MAX_RESYNC_BYTES],
  ["ivf_vp8.ivf", MAX_RESYNC_BYTES],
  ["matroska_h264_aac.mkv", MAX_RESYNC_BYTES],
  ["mjpeg.mjpeg", MAX_RESYNC_BYTES],
  ["mpegps_vob.vob", MAX_RESYNC_BYTES],
  ["mpjpeg_ffmpeg.mpjpeg", MAX_RESYNC_BYTES],
  ["nut_h264_aac.nut", MAX_RESYNC_BYTES],
];

/** Repeats `part` for at least a number of bytes, of which there is one copy. */
function run(part: Uint8Array, bytes: number): Uint8Array[] {
  return Array(Math.ceil(bytes / part.length)).fill(part);
}

/** The sample three times, each but the last followed by `filler`. */
function thrice(sample: Uint8Array, filler: Uint8Array[]): Uint8Array[] {
  return [sample, ...filler, sample, ...filler, sample];
}

/** Asserts that each of the three samples has its join points, and that no limit was reached. */
function assertWhole(
  tracker: TrackerFactory,
  sample: Uint8Array,
  filler: Uint8Array[],
): void {
  const alone = track(tracker, [sample]).joins.length;
  const { joins, gaveUp } = track(tracker, thrice(sample, filler));
  assertEquals(gaveUp, undefined);
  const step = sample.length +
    filler.reduce((sum, { length }) => sum + length, 0);
  const found = [0, 1, 2].map((part) =>
    joins.filter(({ offset }) =>
      offset >= part * step && offset < part * step + sample.length
    ).length
  );
  assertEquals(found, [alone, alone, alone]);
}

for (const [file, limit] of CORRUPTED) {
  const name =
    `${file}: corruption counts from the last good unit, up to the limit`;
  const test = limit < MAX_RESYNC_BYTES ? { name } : slow(name);
  Deno.test(test, () => {
    const sample = mediaSample(file);
    const format = detect(sample, true);
    if (format === "more") throw new Error(`${file} is not recognised`);
    const { tracker } = format;
    const part = new Uint8Array(EXACT_BYTES).fill(0x11);
    assertWhole(tracker, sample, run(part, limit - EXACT_BYTES));
    const much = run(part, limit + 2 * EXACT_BYTES);
    const { gaveUp } = track(tracker, [sample, ...much]);
    assertMatch(`${gaveUp}`, /^no(thing)? .* (in \d+ bytes|packets found)$/);
  });
}

/** What each tracker skips without a join point: a null packet, zeros behind a unit, an empty box. */
const JOINLESS: readonly (readonly [string, Uint8Array])[] = [
  [
    "mpegts_h264_aac.mpegts",
    Uint8Array.from(
      { length: 188 * 400 },
      (_, i) => [0x47, 0x1f, 0xff, 0x10][i % 188] ?? 0,
    ),
  ],
  ["h264_default.h264", new Uint8Array(PIECE_BYTES)],
  ["hevc_closed.hevc", new Uint8Array(PIECE_BYTES)],
  [
    "fmp4_h264_aac.mp4",
    Uint8Array.from(
      { length: PIECE_BYTES },
      (_, i) => [0, 1, 0, 0, 0x66, 0x72, 0x65, 0x65][i] ?? 0,
    ),
  ],
];

for (const [file, filler] of JOINLESS) {
  const name =
    `${file}: what has no join point counts from the last one, up to the limit`;
  Deno.test(slow(name), () => {
    const sample = mediaSample(file);
    const format = detect(sample, true);
    if (format === "more") throw new Error(`${file} is not recognised`);
    const { tracker } = format;
    assertWhole(tracker, sample, run(filler, 0.99 * MAX_JOINLESS_BYTES));
    const much = run(filler, 1.01 * MAX_JOINLESS_BYTES);
    const { gaveUp } = track(tracker, [sample, ...much, sample]);
    assertMatch(
      `${gaveUp}`,
      new RegExp(`^no .* in ${MAX_JOINLESS_BYTES} bytes$`),
    );
  });
}
