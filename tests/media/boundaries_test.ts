import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { FLV } from "../../lib/media/flv/flv.ts";
import { MPEGTS } from "../../lib/media/mpegts/mpegts.ts";
import { MP4 } from "../../lib/media/mp4/mp4.ts";
import { boxHeadAt } from "../../lib/media/mp4/boxes.ts";
import { MATROSKA } from "../../lib/media/matroska/matroska.ts";
import type { TrackerFactory, Units } from "../../lib/media/tracker.ts";
import { WAV } from "../../lib/media/pcm/wav.ts";
import { Y4M } from "../../lib/media/y4m/y4m.ts";
import { mediaSample } from "../helpers/decode_joins.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { track } from "../suites/join_suite.ts";

function boundariesOf(
  factory: TrackerFactory,
  pieces: Iterable<Uint8Array>,
): number[] {
  const boundaries: number[] = [];
  const ignore = (): void => {};
  const tracker = factory({
    init: ignore,
    join: ignore,
    info: ignore,
    corruption: ignore,
    giveUp: ignore,
    boundary: (offset) => boundaries.push(offset),
  });
  for (const piece of pieces) tracker.push(piece);
  return boundaries;
}

for (
  const [file, factory] of [
    ["fmp4_h264_aac.mp4", MP4.tracker],
    ["fmp4_frames.mp4", MP4.tracker],
    ["wav_pipe.wav", WAV.tracker],
    ["wav_s24.wav", WAV.tracker],
    ["y4m_420.y4m", Y4M.tracker],
    ["flv_h264_aac.flv", FLV.tracker],
    ["flv_mp3.flv", FLV.tracker],
  ] as const
) {
  Deno.test(`${file}: every join point is a boundary, in any chunking`, () => {
    const sample = mediaSample(file);
    const whole = boundariesOf(factory, [sample]);
    assertEquals(whole, [...new Set(whole)].sort((a, b) => a - b));
    const { joins } = track(factory, [sample]);
    assert(joins.length >= 2);
    for (const { offset } of joins) assert(whole.includes(offset), `${offset}`);
    for (const size of [1, 7, 1000]) {
      assertEquals(boundariesOf(factory, piecesOf(sample, size)), whole);
    }
  });
}

Deno.test("MPEG-TS: the boundaries are those of packets, also after garbage", () => {
  const sample = mediaSample("mpegts_h264_aac.mpegts");
  const at = 100 * 188;
  const bytes = concat([
    sample.subarray(0, at),
    new Uint8Array(77).fill(0x11),
    sample.subarray(at),
  ]);
  const reported: [number, Units | undefined][] = [];
  const ignore = (): void => {};
  const tracker = MPEGTS.tracker({
    init: ignore,
    join: ignore,
    info: ignore,
    corruption: ignore,
    giveUp: ignore,
    boundary: (offset, units) => reported.push([offset, units]),
  });
  for (const piece of piecesOf(bytes, 1000)) tracker.push(piece);
  assertEquals(reported, [[0, { every: 188 }], [at + 77, { every: 188 }]]);
});

Deno.test("fMP4: the boundaries are the ends of all boxes", () => {
  const sample = mediaSample("fmp4_frames.mp4");
  const ends: number[] = [];
  for (let at = 0; at + 8 <= sample.length;) {
    at += boxHeadAt(sample, at).size;
    ends.push(at);
  }
  assertEquals(boundariesOf(MP4.tracker, [sample]), ends);
});

Deno.test("Matroska: one leaves before the cluster of a join point", () => {
  const sample = mediaSample("webm_vp8_opus.webm");
  const { joins } = track(MATROSKA.tracker, [sample]);
  for (const { offset, leave = offset } of joins) {
    assertEquals([...sample.subarray(leave, leave + 4)], [
      ...[0x1f, 0x43, 0xb6, 0x75],
    ]);
    assert(leave < offset);
  }
});
