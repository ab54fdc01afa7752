import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { HEVC } from "../../../lib/media/annexb/hevc.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decode, needsFfmpeg } from "../../helpers/ffmpeg.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import {
  joinedBytes,
  joinSuite,
  splicedBytes,
  track,
} from "../../suites/join_suite.ts";

/** End of sequence: what a running decoder needs before a CRA picture. */
const SEQUENCE_END = "000000014801";

for (const name of ["hevc_open.hevc", "hevc_closed.hevc"]) {
  const sample = mediaSample(name);
  joinSuite(name, HEVC.tracker, sample);
  decodeSuite(name, HEVC.tracker, sample, "hevc");

  Deno.test(`${name}: joins at each IRAP picture and tells what it is`, () => {
    const { joins, infos } = track(HEVC.tracker, [sample]);
    assertEquals(joins.length, 3);
    for (const { offset } of joins) {
      assertEquals(sample.subarray(offset, offset + 6).toHex(), "000000014001");
    }
    assertEquals(infos, [{
      container: "hevc",
      mime: "video/h265",
      codecs: ["hvc1.1.6.L30.90"],
      video: true,
      width: 160,
      height: 120,
    }]);
  });
}

Deno.test("HevcTracker puts an end of sequence before CRA pictures alone, for running decoders", () => {
  const open = track(HEVC.tracker, [mediaSample("hevc_open.hevc")]).joins;
  assertEquals(open.map(({ prefix }) => prefix), Array(3).fill(undefined));
  // The first is an IDR picture in both.
  assertEquals(open.map(({ reset }) => reset?.toHex()), [
    undefined,
    SEQUENCE_END,
    SEQUENCE_END,
  ]);
  const closed = track(HEVC.tracker, [mediaSample("hevc_closed.hevc")]).joins;
  assertEquals(
    closed.map(({ reset }) => reset),
    Array(3).fill(undefined),
  );
});

Deno.test({
  ...needsFfmpeg(
    "HevcTracker: a running decoder continues at a CRA picture without an error",
  ),
  fn: async () => {
    const sample = mediaSample("hevc_open.hevc");
    const [, second, third] = track(HEVC.tracker, [sample]).joins;
    const played = sample.subarray(0, second!.offset);
    const skipped = concat([played, splicedBytes(sample, third!)]);
    const { errors, frames } = await decode(skipped, "hevc");
    assertEquals(errors, []);
    const alone = await decode(joinedBytes(sample, third!), "hevc");
    const before = await decode(played, "hevc");
    // CRA behind an end of sequence discards what has not been shown yet: at most the 4 reordered.
    const lost = before.frames + alone.frames - frames;
    assertEquals(lost >= 0 && lost <= 4, true, `${lost} frames lost`);
  },
});

Deno.test("HevcTracker reports what HEVC does not define once, and continues", () => {
  const sample = mediaSample("hevc_closed.hevc");
  const whole = track(HEVC.tracker, [sample]).joins;
  const at = whole[1]!.offset;
  // Forbidden bit set; temporal id of none.
  const garbage = Uint8Array.fromHex("00000180010000014200".repeat(20));
  const { joins, corruptions } = track(HEVC.tracker, [
    concat([sample.subarray(0, at), garbage, sample.subarray(at)]),
  ]);
  assertEquals(corruptions.length, 1);
  assertEquals(
    joins.map(({ offset }) => offset),
    whole.map(({ offset }) => offset < at ? offset : offset + garbage.length),
  );
});
