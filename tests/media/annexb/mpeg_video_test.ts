import { assertEquals } from "@std/assert";
import { MPEG4_VIDEO } from "../../../lib/media/annexb/mpeg4_video.ts";
import { MPEG_VIDEO } from "../../../lib/media/annexb/mpeg_video.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

/** Each sample with its container, ffmpeg's demuxer, codec and number of join points. */
const SAMPLES = [
  ["mpegvideo_mpeg2.m2v", MPEG_VIDEO, "mpegvideo", "mp4v.61", 4],
  ["mpegvideo_mpeg1.m1v", MPEG_VIDEO, "mpegvideo", "mp4v.61", 3],
  ["m4v_mpeg4.m4v", MPEG4_VIDEO, "m4v", "mp4v.20", 4],
] as const;

for (const [name, { tracker }, format, codec, count] of SAMPLES) {
  const sample = mediaSample(name);
  joinSuite(name, tracker, sample);
  decodeSuite(name, tracker, sample, format);

  Deno.test(`${name}: tells what it carries, and joins at intra pictures`, () => {
    const { joins, infos } = track(tracker, [sample]);
    assertEquals(joins.length, count);
    const { container, codecs, width, height } = infos.at(-1)!;
    assertEquals(container, format);
    assertEquals([codecs, width, height], [[codec], 160, 120]);
    assertEquals(infos.length, 1);
  });
}

Deno.test("MPEG-4 video: the headers are init where a picture comes without them", () => {
  const sample = mediaSample("m4v_mpeg4.m4v");
  const { joins } = track(MPEG4_VIDEO.tracker, [sample]);
  const init = joins.at(-1)!.init;
  const types: number[] = [];
  for (let at = 0; at + 4 < init.length; at++) {
    if (init[at] === 0 && init[at + 1] === 0 && init[at + 2] === 1) {
      types.push(init[at + 3]!);
    }
  }
  assertEquals(types, [0xb0, 0xb5, 0x00, 0x20]);
});
