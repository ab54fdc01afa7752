import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { sectionCrc, sectionPackets } from "../../../lib/media/mpegts/psi.ts";
import { track } from "../../suites/join_suite.ts";
import { H264, JOINS, PACKET_BYTES, PMT_PID } from "./h264_sample.ts";

/** A PMT with the sample's streams, and with `extra` bytes of descriptors so that it is long. */
function longPmt(version: number, extra: number): Uint8Array {
  const descriptors: number[] = [];
  while (descriptors.length < extra) {
    descriptors.push(0x0a, 4, 0x65, 0x6e, 0x67, 0);
  }
  const body = [
    ...[0, 1, 0xc1 | version << 1, 0, 0, 0xe1, 0, 0xf0, 0],
    ...[0x1b, 0xe1, 0, 0xf0, 0],
    ...[0x0f, 0xe1, 1, 0xf0 | descriptors.length >> 8],
    ...[descriptors.length & 0xff, ...descriptors],
  ];
  const length = body.length + 4;
  const section = new Uint8Array([2, 0xb0 | length >> 8, length, ...body]);
  const crc = sectionCrc(section);
  return concat([
    section,
    Uint8Array.of(crc >>> 24, crc >> 16 & 255, crc >> 8 & 255, crc & 255),
  ]);
}

Deno.test("MpegTsTracker reads a PMT that spans packets, and gives it as new init", () => {
  const at = JOINS[1]!;
  const pmt = sectionPackets(PMT_PID, longPmt(1, 600));
  assertEquals(pmt.length, 4 * PACKET_BYTES);
  const bytes = concat([H264.subarray(0, at), pmt, H264.subarray(at)]);
  // What follows has the old PMT again, in time for the third join.
  const { joins, infos } = track(MPEGTS.tracker, [bytes]);
  assertEquals(
    joins.map(({ init }) => init.length / PACKET_BYTES),
    [2, 5, 2],
  );
  assertEquals(joins[1]!.init.subarray(PACKET_BYTES), pmt);
  assertEquals(infos.at(-1)?.codecs, ["avc1.64000b", "mp4a.40.2"]);
});

Deno.test("MpegTsTracker takes no table with a wrong checksum", () => {
  const broken = longPmt(1, 600);
  broken[40]! ^= 1;
  const at = JOINS[1]!;
  const pmt = sectionPackets(PMT_PID, broken);
  const bytes = concat([H264.subarray(0, at), pmt, H264.subarray(at)]);
  const { joins, corruptions } = track(MPEGTS.tracker, [bytes]);
  assertEquals(corruptions, ["a program table with a wrong checksum"]);
  assertEquals(new Set(joins.map(({ init }) => init)).size, 1);
});
