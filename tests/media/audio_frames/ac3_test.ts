import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { AC3 } from "../../../lib/media/audio_frames/ac3.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const SAMPLES = ["ac3.ac3", "ac3_44100.ac3", "ac3_enhanced.eac3"];

for (const name of SAMPLES) {
  joinSuite(name, AC3.tracker, mediaSample(name));
  decodeJoins(name, AC3.tracker, true);
}

Deno.test("ac3: tells AC-3 and E-AC-3 apart", () => {
  const infos = SAMPLES.map((name) =>
    track(AC3.tracker, [mediaSample(name)]).infos.map(({ mime, codecs }) => [
      mime,
      ...codecs,
    ])
  );
  assertEquals(infos, [
    [["audio/ac3", "ac-3"]],
    [["audio/ac3", "ac-3"]],
    [["audio/eac3", "ec-3"]],
  ]);
});

Deno.test("ac3: a dependent substream belongs to the frame before it", () => {
  const bytes = mediaSample("ac3_enhanced.eac3");
  const { joins, time } = track(AC3.tracker, [bytes]);
  const pieces: Uint8Array[] = [];
  for (let i = 0; i < 20; i++) {
    const frame = bytes.slice(joins[i]?.offset, joins[i + 1]?.offset);
    const dependent = frame.slice();
    dependent[2] = (dependent[2] ?? 0) | 0x40;
    pieces.push(frame, dependent);
  }
  const both = track(AC3.tracker, [concat(pieces)]);
  assertEquals(both.corruptions, []);
  assertEquals(
    both.joins.map((join) => join.offset),
    joins.slice(0, 20).map((join) => 2 * join.offset),
  );
  assertEquals(both.time?.toFixed(3), ((time ?? 0) * 20 / 63).toFixed(3));
});
