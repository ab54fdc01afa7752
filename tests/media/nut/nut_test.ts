import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { NutReader } from "../../../lib/media/nut/headers.ts";
import { NUT } from "../../../lib/media/nut/nut.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("nut_h264_aac.nut");

for (const name of ["nut_h264_aac.nut", "nut_mp3.nut"]) {
  joinSuite(name, NUT.tracker, mediaSample(name));
  decodeSuite(name, NUT.tracker, mediaSample(name), "nut");
}

Deno.test("nut: joins at key frames behind syncpoints, with the headers as init", () => {
  const { joins, infos, time } = track(NUT.tracker, [SAMPLE]);
  assertEquals(joins.map(({ time }) => Math.round(time!)), [0, 1, 2]);
  assertEquals(time! >= 2 && time! < 3, true);
  for (const { offset, prefix, leave = offset } of joins) {
    assertEquals(leave, offset);
    assertEquals([...prefix!.subarray(0, 2)], [0x4e, 0x4b]);
  }
  const { init, prefix, offset } = joins[0]!;
  // The first syncpoint points back to nothing already.
  assertEquals(concat([init, prefix!]), SAMPLE.subarray(0, offset));
  const { codecs, width, height } = infos.at(-1)!;
  assertEquals([codecs, width, height], [["H264", "0xff"], 160, 120]);
});

Deno.test("nut: garbage hides nothing but what it replaces", () => {
  const { joins } = track(NUT.tracker, [SAMPLE]);
  const at = joins[1]!.offset - 100;
  const garbage = new Uint8Array(500).fill(0x4e);
  const bytes = concat([SAMPLE.subarray(0, at), garbage, SAMPLE.subarray(at)]);
  assertEquals(
    track(NUT.tracker, [bytes]).joins.map(({ offset }) => offset),
    joins.map(({ offset }) => offset < at ? offset : offset + garbage.length),
  );
});

Deno.test("NutReader reads numbers in groups of 7 bits, and 0 beyond the end", () => {
  const reader = new NutReader(Uint8Array.of(0x05, 0x81, 0x00, 0x02, 9, 8), 0);
  assertEquals([reader.v(), reader.v(), [...reader.vb()]], [5, 128, [9, 8]]);
  assertEquals([reader.v(), reader.at], [0, 7]);
});
