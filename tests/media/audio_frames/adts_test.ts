import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { ADTS, adtsHeader } from "../../../lib/media/audio_frames/adts.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLE = mediaSample("adts.aac");

joinSuite("adts", ADTS.tracker, SAMPLE);
decodeJoins("adts.aac", ADTS.tracker, true);

Deno.test("adtsHeader() reads what the sample was made with", () => {
  assertEquals(adtsHeader(SAMPLE, 0), {
    codec: "mp4a.40.2",
    sampleRate: 44100,
    channels: 1,
    frameBytes: 287,
    headerBytes: 7,
  });
});

Deno.test("adtsHeader() refuses what is no header", () => {
  const head = SAMPLE.slice(0, 7);
  for (const cut of [0, 1, 6]) {
    assertEquals(adtsHeader(head.subarray(0, cut), 0), undefined);
  }
  // A layer other than 0 (MP3), a reserved sampling frequency, a length below the header's.
  for (const [at, value] of [[1, 0xfb], [2, 0x7c], [4, 0x00]] as const) {
    const bytes = head.slice();
    bytes[at] = value;
    if (at === 4) bytes[3] = 0x40;
    if (at === 4) bytes[5] = 0xc0;
    assertEquals(adtsHeader(bytes, 0), undefined, `byte ${at}`);
  }
});

Deno.test("adts: tells what it carries and how long it lasts", () => {
  const { infos, time } = track(ADTS.tracker, [SAMPLE]);
  assertEquals(infos, [{
    container: "adts",
    mime: "audio/aac",
    codecs: ["mp4a.40.2"],
    video: false,
  }]);
  // 3 s of sound, and the encoder's delay, in frames of 1024 samples.
  assertEquals(time?.toFixed(3), (131 * 1024 / 44100).toFixed(3));
});

Deno.test("adts: garbage between frames is one corruption, and the frames after it are found", () => {
  const whole = track(ADTS.tracker, [SAMPLE]);
  const at = whole.joins[40]?.offset ?? 0;
  const garbage = new Uint8Array(5000).fill(0xa5);
  const bytes = concat([SAMPLE.subarray(0, at), garbage, SAMPLE.subarray(at)]);
  const { joins, corruptions } = track(ADTS.tracker, [bytes]);
  assertEquals(corruptions, ["no ADTS frame where one is due"]);
  assertEquals(
    joins.map((join) => join.offset),
    whole.joins.map(({ offset }) => offset < at ? offset : offset + 5000),
  );
});

Deno.test("adts: gives up on a megabyte without a frame", () => {
  const { gaveUp, joins } = track(ADTS.tracker, [
    new Uint8Array(800_000),
    new Uint8Array(800_000).fill(0xff),
  ]);
  assertEquals(joins, []);
  assertEquals(gaveUp, "no ADTS frame in 1048576 bytes");
});

Deno.test("adts: missingBytes completes the frame that the end cuts", () => {
  for (const [length, missing] of [[0, 0], [3, 4], [20, 267], [287, 0]]) {
    const tracker = ADTS.tracker({
      init: () => {},
      join: () => {},
      info: () => {},
      corruption: () => {},
      giveUp: () => {},
    });
    tracker.push(SAMPLE.subarray(0, length));
    assertEquals(tracker.missingBytes, missing, `after ${length} bytes`);
  }
});
