import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { DTS } from "../../../lib/media/audio_frames/dts.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("dts_core.dts");

joinSuite("dts_core.dts", DTS.tracker, SAMPLE);
decodeSuite("dts_core.dts", DTS.tracker, SAMPLE, "dts", {
  marksKeys: false,
  leastBytes: 2000,
});

Deno.test("dts: every core frame is a join point", () => {
  const { joins, infos, time } = track(DTS.tracker, [SAMPLE]);
  assertEquals(joins.length, 94);
  assertEquals(time?.toFixed(3), (94 * 512 / 48000).toFixed(3));
  assertEquals(infos.map(({ codecs }) => codecs), [["dtsc"]]);
});

Deno.test("dts: an extension substream belongs to the core frame before it", () => {
  const { joins, time } = track(DTS.tracker, [SAMPLE]);
  // An extension of 40 bytes: nuExtSSFsize is 39.
  const extension = new Uint8Array(40);
  extension.set([0x64, 0x58, 0x20, 0x25, 0, 0x01, 0x00, 0x04, 0xe0]);
  const parts = joins.flatMap(({ offset }, i) => [
    SAMPLE.subarray(offset, joins[i + 1]?.offset ?? SAMPLE.length),
    extension,
  ]);
  const both = track(DTS.tracker, [concat(parts)]);
  assertEquals(both.corruptions, []);
  assertEquals(
    both.joins.map(({ offset }) => offset),
    joins.map(({ offset }, i) => offset + 40 * i),
  );
  assertEquals(both.time, time);
});
