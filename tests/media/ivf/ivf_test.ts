import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { IVF } from "../../../lib/media/ivf/ivf.ts";
import { spliceLead } from "../../../lib/media/splice.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

for (
  const [name, codec] of [
    ["ivf_vp8.ivf", "vp8"],
    ["ivf_vp9.ivf", "vp9"],
    ["ivf_av1.ivf", "av01"],
  ] as const
) {
  const sample = mediaSample(name);
  joinSuite(name, IVF.tracker, sample);
  decodeSuite(name, IVF.tracker, sample, "ivf");
  breakSuite(name, IVF.tracker, sample);

  Deno.test(`${name}: joins at key frames, with the file header as init`, () => {
    const { joins, infos, time } = track(IVF.tracker, [sample]);
    assertEquals(joins.map(({ time }) => time!.toFixed(1)), [
      "0.0",
      "1.0",
      "2.0",
    ]);
    assertEquals(time!.toFixed(2), "2.93");
    const { codecs, width, height } = infos.at(-1)!;
    assertEquals([codecs, width, height], [[codec], 160, 120]);
    assertEquals(joins[0]!.init.subarray(0, 24), sample.subarray(0, 24));
  });
}

Deno.test("ivf: gives up where the codec is unknown", () => {
  const sample = mediaSample("ivf_vp8.ivf").slice();
  sample.set([0x58, 0x59], 8);
  const { gaveUp } = track(IVF.tracker, [sample]);
  assertEquals(gaveUp, "a codec that is unknown in IVF");
});

Deno.test("ivf: a stream with the same codec and clock is followed, another is not", () => {
  const [vp8, vp9] = ["ivf_vp8.ivf", "ivf_vp9.ivf"].map((name) => {
    const { joins, infos } = track(IVF.tracker, [mediaSample(name)]);
    return { info: infos.at(-1), init: joins[0]!.init, time: undefined };
  });
  const counted = { ...vp8!, init: vp8!.init.slice() };
  assertEquals(spliceLead(vp8!, counted), new Uint8Array());
  counted.init[12]! ^= 16; // another width
  assertEquals(spliceLead(vp8!, counted), new Uint8Array());
  counted.init[16]! ^= 1; // another clock
  assertEquals(spliceLead(vp8!, counted), undefined);
  assertEquals(spliceLead(vp8!, vp9!), undefined);
});

Deno.test("ivf: after corruption the next file header is found", () => {
  const sample = mediaSample("ivf_vp8.ivf");
  const bytes = concat([sample, new Uint8Array(100).fill(0xff), sample]);
  const { joins, corruptions } = track(IVF.tracker, [bytes]);
  assertEquals(corruptions, ["no frame of IVF"]);
  assertEquals(joins.length, 6);
});
