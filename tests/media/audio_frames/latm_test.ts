import { assert, assertEquals } from "@std/assert";
import { LATM } from "../../../lib/media/audio_frames/latm.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("latm_aac.latm");

joinSuite("latm_aac.latm", LATM.tracker, SAMPLE);
decodeSuite("latm_aac.latm", LATM.tracker, SAMPLE, "loas");

Deno.test("latm: frames with a configuration are join points", () => {
  const { joins, infos, time } = track(LATM.tracker, [SAMPLE]);
  // ffmpeg sends the configuration with every 20th of 131 frames.
  assertEquals(joins.length, 7);
  assertEquals(infos.map(({ codecs }) => codecs), [["mp4a.40.2"]]);
  assert(Math.abs(time! - 131 * 1024 / 44100) < 0.05, `${time}`);
  const [first, second] = joins;
  const distance = second!.time! - first!.time!;
  assertEquals(distance.toFixed(3), (20 * 1024 / 44100).toFixed(3));
});
