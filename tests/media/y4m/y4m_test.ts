import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Y4M } from "../../../lib/media/y4m/y4m.ts";
import { y4mHeader } from "../../../lib/media/y4m/header.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("y4m_420.y4m");
const DEEP = mediaSample("y4m_444p10.y4m");

joinSuite("y4m of 4:2:0, odd sides", Y4M.tracker, SAMPLE);
joinSuite("y4m of 4:4:4, 10 bits", Y4M.tracker, DEEP);
decodeJoins("y4m_420.y4m", Y4M.tracker, true);
decodeJoins("y4m_444p10.y4m", Y4M.tracker, true);

Deno.test("y4mHeader() gives the bytes of a frame", () => {
  const cases: [string, number | undefined][] = [
    ["W4 H4 C420jpeg", 24],
    ["W5 H3", 15 + 2 * 6],
    ["W8 H2 C411", 16 + 8],
    ["W4 H4 C422", 32],
    ["W4 H4 C444", 48],
    ["W4 H4 C444alpha", 64],
    ["W4 H4 Cmono", 16],
    ["W4 H4 Cmono16", 32],
    ["W4 H4 C420p12", 48],
    ["W4 H4 C422p10 XYSCSS=422P10", 64],
    ["W4 H4 Cwhatever", undefined],
    ["W0 H4", undefined],
    ["W4", undefined],
    ["W99999 H4", undefined],
    ["W-4 H4", undefined],
  ];
  for (const [tags, bytes] of cases) {
    assertEquals(y4mHeader(`YUV4MPEG2 ${tags}`)?.frameBytes, bytes, tags);
  }
});

Deno.test("y4m: init is the header line, and the clock counts frames", () => {
  const { joins, infos, time } = track(Y4M.tracker, [SAMPLE]);
  const line = new TextDecoder().decode(joins[0]?.init);
  assertEquals(/^YUV4MPEG2 W65 H49 .*\n$/.test(line), true, line);
  assertEquals([infos[0]?.width, infos[0]?.height], [65, 49]);
  assertEquals(joins.length, 10);
  assertEquals(time, 1);
});

Deno.test("y4m: lost bytes are one corruption, and the frames after them are found", () => {
  const whole = track(Y4M.tracker, [SAMPLE]);
  const at = whole.joins[4]?.offset ?? 0;
  const bytes = concat([SAMPLE.subarray(0, at - 7), SAMPLE.subarray(at)]);
  const { joins, corruptions } = track(Y4M.tracker, [bytes]);
  assertEquals(corruptions, ["no frame line where one is due"]);
  // The frame whose line was passed over before the search began is lost.
  assertEquals(
    joins.map((join) => join.offset),
    whole.joins.map(({ offset }) => offset < at ? offset : offset - 7)
      .toSpliced(4, 1),
  );
});

Deno.test("y4m: a new header brings its own init, and the clock continues", () => {
  const { joins, corruptions } = track(Y4M.tracker, [SAMPLE, DEEP]);
  assertEquals(corruptions, []);
  assertEquals(joins.length, 20);
  assertEquals(joins[10]?.time, 1);
  assertEquals(joins[10]?.init, DEEP.slice(0, DEEP.indexOf(10) + 1));
});

Deno.test("y4m: gives up on what it cannot measure, and on endless garbage", () => {
  const odd = new TextEncoder().encode("YUV4MPEG2 W4 H4 Cwhatever\n");
  assertEquals(
    track(Y4M.tracker, [odd]).gaveUp,
    "a header whose size or colour space is not known",
  );
  const { gaveUp } = track(Y4M.tracker, [
    SAMPLE,
    new Uint8Array(1_200_000).fill(0x46),
    SAMPLE,
  ]);
  assertEquals(gaveUp, "no frame line in 1058246 bytes");
});
