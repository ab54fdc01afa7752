import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { OPEN_AFTER_PICTURES } from "../../../lib/media/codec/random_access_policy.ts";
import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { sectionCrc } from "../../../lib/media/mpegts/psi.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decode, needsFfmpeg } from "../../helpers/ffmpeg.ts";
import { joinedBytes, track } from "../../suites/join_suite.ts";
import {
  changed,
  H264,
  JOINS,
  offsetsOf,
  PACKET_BYTES,
  PMT_PID,
} from "./h264_sample.ts";

/** random_access_indicator, where a packet has an adaptation field. */
function flagAccess(packet: Uint8Array, flag: boolean): void {
  if ((packet[3]! & 0x20) === 0 || packet[4] === 0) return;
  packet[5] = flag ? packet[5]! | 0x40 : packet[5]! & ~0x40;
}

/** Makes filler units (type 12) of a copy's parameter sets behind `from`, as if it had none there. */
function withoutSets(sample: Uint8Array, from: number): Uint8Array {
  const copy = sample.slice();
  for (let at = from; at + 4 < copy.length; at++) {
    const code = copy[at] === 0 && copy[at + 1] === 0 && copy[at + 2] === 1;
    if (code && (copy[at + 3] === 0x67 || copy[at + 3] === 0x68)) {
      copy[at + 3] = 0x6c;
    }
  }
  return copy;
}

Deno.test("MpegTsTracker finds IDR pictures that are not flagged", () => {
  const bytes = changed(H264, (packet) => flagAccess(packet, false));
  assertEquals(offsetsOf(bytes), JOINS);
});

Deno.test("MpegTsTracker does not believe a flag on a picture that is not intra-coded", () => {
  const bytes = changed(H264, (packet, starts) => {
    if (starts) flagAccess(packet, true);
  });
  assertEquals(offsetsOf(bytes), JOINS);
});

Deno.test("MpegTsTracker believes the flag where the video is scrambled", () => {
  const bytes = changed(H264, (packet) => {
    packet[3]! |= 0x80;
  });
  assertEquals(offsetsOf(bytes), JOINS);
});

/** A copy whose PMTs give the video another stream_type. */
function withVideoType(sample: Uint8Array, type: number): Uint8Array {
  const copy = sample.slice();
  for (let at = 0; at < copy.length; at += PACKET_BYTES) {
    const packet = copy.subarray(at, at + PACKET_BYTES);
    if (((packet[1]! & 0x1f) << 8 | packet[2]!) !== PMT_PID) continue;
    const section = packet.subarray(
      5,
      5 + 3 + (packet[6]! & 15) * 256 + packet[7]!,
    );
    section[12 + ((section[10]! & 15) << 8 | section[11]!)] = type;
    const crc = sectionCrc(section.subarray(0, -4));
    new DataView(copy.buffer).setUint32(at + 5 + section.length - 4, crc);
  }
  return copy;
}

Deno.test("MpegTsTracker joins at any picture of an unknown codec where none is flagged", () => {
  const vc1 = withVideoType(H264, 0xea);
  assertEquals(offsetsOf(vc1), JOINS);
  const unflagged = changed(vc1, (packet) => flagAccess(packet, false));
  const { joins } = track(MPEGTS.tracker, Array(6).fill(unflagged));
  assertEquals(joins.length, 6 * 75 - OPEN_AFTER_PICTURES);
});

Deno.test("MpegTsTracker joins an open-GOP stream without IDR pictures at recovery points", () => {
  const open = mediaSample("mpegts_open_opus.mpegts");
  const { joins, infos } = track(MPEGTS.tracker, [open]);
  assertEquals(joins.length, 1);
  assertEquals(infos.at(-1)?.codecs, ["avc1.64000b", "opus"]);
  // What a later watcher receives: tables first, then the middle of a group of pictures.
  const late = concat([joins[0]!.init, open.subarray(50 * PACKET_BYTES)]);
  assertEquals(offsetsOf(late).length, 2);
});

Deno.test({
  ...needsFfmpeg(
    "MpegTsTracker sends parameter sets before a picture without its own",
  ),
  fn: async () => {
    const bytes = withoutSets(H264, JOINS[1]!);
    const { joins } = track(MPEGTS.tracker, [bytes]);
    assertEquals(joins.map(({ offset }) => offset), JOINS);
    assertEquals(joins[0]?.prefix, undefined);
    const prefix = joins[1]!.prefix!;
    assertEquals(prefix.length, PACKET_BYTES);
    const counter = bytes[JOINS[1]! + 3]! & 15;
    assertEquals(prefix[3]! & 15, (counter + 15) % 16);
    const { errors, frames, keyFirst } = await decode(
      joinedBytes(bytes, joins[1]!),
      "mpegts",
    );
    assertEquals([errors, frames, keyFirst], [[], 50, true]);
  },
});
