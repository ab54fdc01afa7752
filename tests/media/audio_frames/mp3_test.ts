import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MP3 } from "../../../lib/media/audio_frames/mp3.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const PLAIN = mediaSample("mp3_plain.mp3");
const TAGGED = mediaSample("mp3_id3_xing.mp3");

joinSuite("mp3 with ID3v2 and Xing", MP3.tracker, TAGGED);
joinSuite(
  "mp3 of MPEG-2, variable bitrate",
  MP3.tracker,
  mediaSample("mp3_mpeg2_vbr.mp3"),
);
joinSuite("mp3 of layer II", MP3.tracker, mediaSample("mp3_layer2.mp2"));
decodeJoins("mp3_plain.mp3", MP3.tracker, true);
decodeJoins("mp3_id3_xing.mp3", MP3.tracker, false);
decodeJoins("mp3_mpeg2_vbr.mp3", MP3.tracker, true);
decodeJoins("mp3_layer2.mp2", MP3.tracker, true);

/** An ID3v2 tag whose payload is full of bytes that look like the start of a frame. */
function tag(length: number): Uint8Array {
  const bytes = new Uint8Array(10 + length).fill(0xff, 10);
  bytes.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, length >> 7, length & 0x7f]);
  return bytes;
}

Deno.test("mp3: tells layer III and layer II apart", () => {
  assertEquals(track(MP3.tracker, [PLAIN]).infos, [{
    container: "mp3",
    mime: "audio/mpeg",
    codecs: ["mp3"],
    video: false,
  }]);
  const { infos } = track(MP3.tracker, [mediaSample("mp3_layer2.mp2")]);
  assertEquals(infos[0]?.codecs, ["mp2"]);
});

Deno.test("mp3: the first join point is the frame after the ID3v2 tag", () => {
  const { joins, time } = track(MP3.tracker, [TAGGED]);
  assertEquals(joins[0]?.offset, 63);
  assertEquals(time?.toFixed(3), (117 * 1152 / 44100).toFixed(3));
});

Deno.test("mp3: ID3 tags in mid-stream are no corruption and no join points", () => {
  const whole = track(MP3.tracker, [PLAIN]);
  const at = whole.joins[50]?.offset ?? 0;
  const bytes = concat([PLAIN.subarray(0, at), tag(1000), PLAIN.subarray(at)]);
  const { joins, corruptions } = track(MP3.tracker, [bytes]);
  assertEquals(corruptions, []);
  assertEquals(
    joins.map((join) => join.offset),
    whole.joins.map(({ offset }) => offset < at ? offset : offset + 1010),
  );
});

Deno.test("mp3: a change of the sample rate is reported and is no corruption", () => {
  const other = mediaSample("mp3_mpeg2_vbr.mp3");
  const { joins, corruptions, infos } = track(MP3.tracker, [PLAIN, other]);
  assertEquals(corruptions, []);
  assertEquals(infos.length, 2);
  assertEquals(joins.length, 116 + 117);
});

Deno.test("mp3: free format gives up, as its frames have no length", () => {
  const bytes = PLAIN.slice(0, 2 ** 14);
  for (const { offset } of track(MP3.tracker, [bytes]).joins) {
    bytes[offset + 2] = (bytes[offset + 2] ?? 0) & 0x0f;
  }
  const { joins, gaveUp } = track(MP3.tracker, Array(80).fill(bytes));
  assertEquals(joins, []);
  assertEquals(gaveUp, "no MP3 frame in 1048576 bytes");
});

Deno.test("mp3: missingBytes completes a frame whose header alone has come, or a part of it", () => {
  const drop = (): void => {};
  for (
    const [length, missing] of [[1, 3], [3, 205], [4, 204], [9, 199], [208, 0]]
  ) {
    const tracker = MP3.tracker({
      init: drop,
      join: drop,
      info: drop,
      corruption: drop,
      giveUp: drop,
    });
    tracker.push(PLAIN.subarray(0, length));
    assertEquals(tracker.missingBytes, missing, `after ${length} bytes`);
  }
});
