import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { FLAC } from "../../../lib/media/audio_frames/flac.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const PIPE = mediaSample("flac_pipe.flac");
const PICTURE = mediaSample("flac_picture.flac");

joinSuite("flac", FLAC.tracker, PIPE);
joinSuite("flac with a picture", FLAC.tracker, PICTURE);
decodeJoins("flac_pipe.flac", FLAC.tracker, true);
decodeJoins("flac_picture.flac", FLAC.tracker, true);

Deno.test("flac: init has STREAMINFO and comments alone, the last one marked", () => {
  const { joins, time, infos } = track(FLAC.tracker, [PICTURE]);
  const init = joins[0]?.init ?? new Uint8Array();
  assertEquals(new TextDecoder().decode(init.subarray(0, 4)), "fLaC");
  assertEquals([...init.subarray(4, 8)], [0, 0, 0, 34]);
  assertEquals(init[42], 0x80 | 4);
  const comment = ((init[44] ?? 0) << 8) + (init[45] ?? 0);
  assertEquals(init.length, 46 + comment);
  // The count of samples and the MD5 do not hold for a watcher who joins late.
  assertEquals([...init.subarray(4 + 4 + 14, 42)], Array(20).fill(0));
  assertEquals(infos[0]?.codecs, ["flac"]);
  assertEquals(time, 2);
});

Deno.test("flac: a lost frame is one corruption, and the frames after it are found", () => {
  const whole = track(FLAC.tracker, [PIPE]);
  const at = whole.joins[20]?.offset ?? 0;
  const end = whole.joins[21]?.offset ?? 0;
  const bytes = concat([PIPE.subarray(0, at), PIPE.subarray(end)]);
  const { joins, corruptions } = track(FLAC.tracker, [bytes]);
  assertEquals(corruptions, ["FLAC frames are missing"]);
  assertEquals(joins.length, whole.joins.length - 1);
  assertEquals(joins.at(-1)?.time, whole.joins.at(-1)?.time);
});

Deno.test("flac: a second stream brings its own init, and the clock continues", () => {
  const { joins, corruptions, time } = track(FLAC.tracker, [PIPE, PICTURE]);
  assertEquals(corruptions, []);
  const first = joins.findIndex((join) => join.offset > PIPE.length);
  assertEquals(first, track(FLAC.tracker, [PIPE]).joins.length);
  assert(joins[first]?.init !== joins[first - 1]?.init);
  assertEquals(joins[first]?.time, 2);
  assertEquals(time, 4);
});

Deno.test("flac: a block that claims 16 MB is passed over without being held", () => {
  const block = Uint8Array.of(4, 0xff, 0xff, 0xff);
  const bytes = concat([PIPE.subarray(0, 42), block, PIPE.subarray(42)]);
  assertEquals(track(FLAC.tracker, [bytes]).joins, []);
});

Deno.test("flac: gives up on a megabyte without a frame", () => {
  const noise = new Uint8Array(1_200_000).fill(0xff);
  const { gaveUp } = track(FLAC.tracker, [PIPE.subarray(0, 8300), noise]);
  assertEquals(gaveUp, "no FLAC frame in 1048576 bytes");
});
