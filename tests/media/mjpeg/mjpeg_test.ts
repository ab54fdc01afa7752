import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MJPEG } from "../../../lib/media/mjpeg/mjpeg.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("mjpeg.mjpeg");

joinSuite("mjpeg", MJPEG.tracker, SAMPLE);
decodeJoins("mjpeg.mjpeg", MJPEG.tracker, true);

Deno.test("mjpeg: tells the size once", () => {
  assertEquals(track(MJPEG.tracker, [SAMPLE]).infos, [{
    container: "mjpeg",
    mime: "video/x-motion-jpeg",
    codecs: ["mjpeg"],
    video: true,
    width: 160,
    height: 120,
  }]);
});

Deno.test("mjpeg: a thumbnail inside a segment is no image of its own", () => {
  const { joins } = track(MJPEG.tracker, [SAMPLE]);
  const image = SAMPLE.subarray(0, joins[1]?.offset);
  const head = Uint8Array.of(
    0xff,
    0xe1,
    (image.length + 2) >> 8,
    (image.length + 2) & 255,
  );
  const framed = concat([
    image.subarray(0, 2),
    head,
    image,
    image.subarray(2),
  ]);
  const both = track(MJPEG.tracker, [framed, framed]);
  assertEquals(both.joins.map((join) => join.offset), [0, framed.length]);
  assertEquals(both.corruptions, []);
});

Deno.test("mjpeg: an image that breaks off is one corruption, and the next one is found", () => {
  const whole = track(MJPEG.tracker, [SAMPLE]);
  const offsets = whole.joins.map((join) => join.offset);
  const [from = 0, to = 0] = offsets.slice(7, 9);
  const bytes = concat([SAMPLE.subarray(0, to - 500), SAMPLE.subarray(to)]);
  const { joins, corruptions } = track(MJPEG.tracker, [bytes]);
  assertEquals(corruptions, ["no JPEG marker where one is due"]);
  assertEquals(
    joins.map((join) => join.offset),
    offsets.map((offset) => offset <= from ? offset : offset - 500),
  );
});

Deno.test("mjpeg: gives up on an image without an end", () => {
  const zeros = new Uint8Array(1024 * 1024);
  const pieces = [SAMPLE.subarray(0, 1500), ...Array(17).fill(zeros), SAMPLE];
  const { gaveUp } = track(MJPEG.tracker, pieces);
  assertEquals(gaveUp, "no whole JPEG image in 16777216 bytes");
});
