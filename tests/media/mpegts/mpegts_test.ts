import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decode, needsFfmpeg } from "../../helpers/ffmpeg.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, splicedBytes, track } from "../../suites/join_suite.ts";
import { changed, H264, JOINS, PACKET_BYTES } from "./h264_sample.ts";

/** Each sample with its codecs, its number of join points, and bytes of its packets. */
const SAMPLES: readonly [string, string, number, number][] = [
  ["mpegts_h264_aac.mpegts", "avc1.64000b,mp4a.40.2", 3, 188],
  ["mpegts_hevc_eac3.mpegts", "hvc1.1.6.L30.90,ec-3", 3, 188],
  ["mpegts_mpeg2_mp2.mpegts", "mp4v.61,mp4a.40.33", 3, 188],
  ["mpegts_ac3.m2ts", "avc1.64000b,ac-3", 3, 192],
  ["mpegts_aac.mpegts", "mp4a.40.2", 9, 188],
  ["mpegts_mp3.mpegts", "mp4a.40.34", 9, 188],
  ["mpegts_gstreamer.mpegts", "avc1.4d400b,mp4a.40.2", 3, 188],
  ["mpegts_vlc.mpegts", "mp4a.40.33,mp4v.61", 6, 188],
];

for (const [name, codecs, count, packetBytes] of SAMPLES) {
  const sample = mediaSample(name);
  joinSuite(name, MPEGTS.tracker, sample, 60);
  decodeSuite(name, MPEGTS.tracker, sample, "mpegts");
  breakSuite(name, MPEGTS.tracker, sample);

  Deno.test(`${name}: tells what it carries and joins at packets`, () => {
    const { joins, infos, time } = track(MPEGTS.tracker, [sample]);
    const video = codecs.includes(",");
    assertEquals(infos.at(-1), {
      container: "mpegts",
      mime: "video/mp2t",
      codecs: codecs.split(","),
      video,
      ...(video ? { width: 160, height: 120 } : {}),
    });
    assertEquals(joins.length, count);
    for (const { offset } of joins) assertEquals(offset % packetBytes, 0);
    const [first, second] = joins.map((join) => join.time!);
    assert(second! > first! && joins.at(-1)!.time! <= time!);
  });
}

for (
  const name of [
    "mpegts_dts.mpegts",
    "mpegts_s302m.mpegts",
    "mpegts_vc2.mpegts",
  ]
) {
  const sample = mediaSample(name);
  joinSuite(name, MPEGTS.tracker, sample, 60);
  const isDts = name === "mpegts_dts.mpegts";
  decodeSuite(name, MPEGTS.tracker, sample, "mpegts", {
    marksKeys: !isDts,
    leastBytes: 8000,
  });

  Deno.test(`${name}: streams of unknown types are joined at payload units`, () => {
    const { joins, infos } = track(MPEGTS.tracker, [sample]);
    assertEquals(infos.at(-1), {
      container: "mpegts",
      mime: "video/mp2t",
      codecs: [],
      video: false,
    });
    assert(joins.length >= 8, `${joins.length} join points`);
    assertEquals(joins[0]?.init.length, 2 * 188);
  });
}

Deno.test("MpegTsTracker unwraps the clock", () => {
  const near = changed(H264, (packet, starts) => {
    if (starts) moveClock(packet, 2 ** 33 - 90_000 * 3);
  });
  const plain = track(MPEGTS.tracker, [H264]).joins.map(({ time }) => time!);
  const moved = track(MPEGTS.tracker, [near]).joins.map(({ time }) => time!);
  assertEquals(
    moved.map((time) => Math.round(1000 * (time - moved[0]!))),
    plain.map((time) => Math.round(1000 * (time - plain[0]!))),
  );
  assert(moved.at(-1)! > 2 ** 33 / 90_000, "the clock has wrapped");
});

/** Adds ticks to PTS and DTS in a packet with which a PES packet begins. */
function moveClock(packet: Uint8Array, ticks: number): void {
  const pes = packet[3]! & 0x20 ? 5 + packet[4]! : 4;
  const stamps = packet[pes + 7]! >> 6;
  for (let i = 0; i < (stamps === 3 ? 2 : 1); i++) {
    const at = pes + 9 + 5 * i;
    let value = (packet[at]! >> 1 & 7) * 2 ** 30 +
      (packet[at + 1]! << 7 | packet[at + 2]! >> 1) * 2 ** 15 +
      (packet[at + 3]! << 7 | packet[at + 4]! >> 1);
    value = (value + ticks) % 2 ** 33;
    const middle = Math.floor(value / 2 ** 15) & 0x7fff;
    const low = value % 2 ** 15;
    packet[at] = (packet[at]! & 0xf1) | Math.floor(value / 2 ** 30) << 1;
    packet[at + 1] = middle >> 7;
    packet[at + 2] = (middle & 0x7f) << 1 | 1;
    packet[at + 3] = low >> 7;
    packet[at + 4] = (low & 0x7f) << 1 | 1;
  }
}

Deno.test("MpegTsTracker: missingBytes completes a packet", () => {
  const ignore = (): void => {};
  const tracker = MPEGTS.tracker({
    init: ignore,
    join: ignore,
    info: ignore,
    corruption: ignore,
    giveUp: ignore,
  });
  tracker.push(H264.subarray(0, 10 * PACKET_BYTES));
  assertEquals(tracker.missingBytes, 0);
  tracker.push(H264.subarray(10 * PACKET_BYTES, 10 * PACKET_BYTES + 30));
  assertEquals(tracker.missingBytes, PACKET_BYTES - 30);
});

Deno.test({
  ...needsFfmpeg(
    "MpegTsTracker: a stream that broke off is followed by another without loss",
  ),
  fn: async () => {
    const [, join] = track(MPEGTS.tracker, [H264]).joins;
    const cut = JOINS[2]! + 40 * PACKET_BYTES + 77;
    const broken = concat([
      H264.subarray(0, cut),
      new Uint8Array(PACKET_BYTES - 77),
    ]);
    const before = await decode(broken, "mpegts");
    const after = await decode(
      concat([broken, splicedBytes(H264, join!)]),
      "mpegts",
    );
    assertEquals(after.frames, before.frames + 50);
    assertEquals(after.errors.length, before.errors.length);
  },
});
