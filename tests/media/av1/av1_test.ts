import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { AV1 } from "../../../lib/media/av1/av1.ts";
import { readObuHead } from "../../../lib/media/codec/av1.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("av1_obu.obu");

joinSuite("av1_obu.obu", AV1.tracker, SAMPLE);
decodeSuite("av1_obu.obu", AV1.tracker, SAMPLE, "obu");
breakSuite("av1_obu.obu", AV1.tracker, SAMPLE);

Deno.test("av1: joins at temporal units with a sequence header", () => {
  const { joins, infos } = track(AV1.tracker, [SAMPLE]);
  assertEquals(joins.length, 3);
  for (const { offset } of joins) {
    assertEquals([...SAMPLE.subarray(offset, offset + 3)], [0x12, 0, 0x0a]);
  }
  assertEquals(infos.map(({ codecs }) => codecs), [["av01"]]);
});

Deno.test("av1: garbage is one corruption, and the next key frame is found", () => {
  const garbage = new Uint8Array(50).fill(0x81);
  const bytes = concat([SAMPLE, garbage, SAMPLE]);
  const { joins, corruptions } = track(AV1.tracker, [bytes]);
  assertEquals(corruptions, ["no OBU of AV1"]);
  assertEquals(joins.length, 6);
});

Deno.test("readObuHead() reads sizes of several bytes, and extension headers", () => {
  const cases: [number[], ReturnType<typeof readObuHead>][] = [
    [[0x12, 0x00], { type: 2, bytes: 2 }],
    [[0x32, 0x80, 0x01], { type: 6, bytes: 131 }],
    [[0x36, 0x00, 0x05], { type: 6, bytes: 8 }],
    [[0x32, 0x80], "more"],
    [[], "more"],
    [[0x30, 0x01], undefined],
    [[0x92, 0x00], undefined],
    [[0x32, ...Array(8).fill(0x80), 0], undefined],
  ];
  for (const [bytes, expected] of cases) {
    assertEquals(readObuHead(Uint8Array.from(bytes), 0), expected, `${bytes}`);
  }
});
