import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { OPEN_AFTER_PICTURES } from "../../../lib/media/codec/random_access_policy.ts";
import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { MAX_SCAN_BYTES } from "../../../lib/media/limits.ts";
import { sectionCrc, sectionPackets } from "../../../lib/media/mpegts/psi.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decode, needsFfmpeg } from "../../helpers/ffmpeg.ts";
import { seededRandom } from "../../helpers/rng.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import {
  joinedBytes,
  joinSuite,
  splicedBytes,
  track,
} from "../../suites/join_suite.ts";

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

/** Packets of the samples with bare packets. */
const PACKET_BYTES = 188;

const H264 = mediaSample("mpegts_h264_aac.mpegts");

const VIDEO_PID = 0x100;

/** A copy in which `change` may alter each packet of the video. */
function changed(
  sample: Uint8Array,
  change: (packet: Uint8Array, starts: boolean) => void,
): Uint8Array {
  const copy = sample.slice();
  for (let at = 0; at < copy.length; at += PACKET_BYTES) {
    const packet = copy.subarray(at, at + PACKET_BYTES);
    const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!;
    if (pid === VIDEO_PID) change(packet, (packet[1]! & 0x40) !== 0);
  }
  return copy;
}

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

function offsetsOf(stream: Uint8Array): number[] {
  return track(MPEGTS.tracker, [stream]).joins.map(({ offset }) => offset);
}

const JOINS = offsetsOf(H264);

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

Deno.test("MpegTsTracker finds the packets again after garbage, which is one corruption", () => {
  const at = JOINS[1]! - 20 * PACKET_BYTES;
  for (const length of [1, 100, 187, 189, 5000]) {
    const random = seededRandom(length);
    const garbage = Uint8Array.from({ length }, () => random(256));
    const bytes = concat([H264.subarray(0, at), garbage, H264.subarray(at)]);
    const { joins, corruptions } = track(MPEGTS.tracker, [bytes]);
    assertEquals(corruptions, [
      "the next packet does not begin where it is due",
    ]);
    assertEquals(
      joins.map(({ offset }) => offset),
      JOINS.map((offset) => offset < at ? offset : offset + length),
    );
  }
});

Deno.test("MpegTsTracker does not join at a picture whose first packets are missing", () => {
  const at = JOINS[1]!;
  const cut = concat([H264.subarray(0, at), H264.subarray(at + PACKET_BYTES)]);
  const { joins, corruptions } = track(MPEGTS.tracker, [cut]);
  assertEquals(corruptions, ["packets are missing"]);
  assertEquals(
    joins.map(({ offset }) => offset),
    [JOINS[0], JOINS[2]! - PACKET_BYTES],
  );
});

Deno.test("MpegTsTracker takes a packet that is sent twice for no gap", () => {
  // The packet behind the first of a key frame, and the first itself.
  for (const [at, more] of [[JOINS[1]! + PACKET_BYTES, 0], [JOINS[1]!, 1]]) {
    const twice = concat([
      H264.subarray(0, at! + PACKET_BYTES),
      H264.subarray(at),
    ]);
    const { joins, corruptions } = track(MPEGTS.tracker, [twice]);
    assertEquals(corruptions, []);
    assertEquals(joins.length, JOINS.length + more!);
    assertEquals(joins[1]?.offset, JOINS[1]);
    assertEquals(joins.at(-1)?.offset, JOINS[2]! + PACKET_BYTES);
  }
});

Deno.test("MpegTsTracker takes packets with error correction", () => {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < H264.length; at += PACKET_BYTES) {
    packets.push(H264.subarray(at, at + PACKET_BYTES), new Uint8Array(16));
  }
  const { joins } = track(MPEGTS.tracker, [concat(packets)]);
  assertEquals(
    joins.map(({ offset }) => offset),
    JOINS.map((offset) => offset / PACKET_BYTES * 204),
  );
  assertEquals(joins[0]?.init.length, 2 * 204);
});

Deno.test("MpegTsTracker gives up where there are no packets", () => {
  const noise = new Uint8Array(MAX_SCAN_BYTES + 4096).fill(0x11);
  const { gaveUp } = track(MPEGTS.tracker, [noise]);
  assertEquals(gaveUp, "no MPEG-TS packets found");
  const almost = track(MPEGTS.tracker, [noise.subarray(4097), H264]);
  assertEquals(almost.gaveUp, undefined);
  assertEquals(almost.joins.length, JOINS.length);
});

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

const PMT_PID = 0x1000;

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
