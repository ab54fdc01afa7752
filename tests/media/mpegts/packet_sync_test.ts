import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MAX_SCAN_BYTES } from "../../../lib/media/limits.ts";
import { PesReader } from "../../../lib/media/mpegts/pes.ts";
import { pesPackets } from "../../../lib/media/mpegts/packets.ts";
import { MPEGTS } from "../../../lib/media/mpegts/mpegts.ts";
import { seededRandom } from "../../helpers/rng.ts";
import { track } from "../../suites/join_suite.ts";
import { changed, H264, JOINS, PACKET_BYTES } from "./h264_sample.ts";

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
  const tables = track(MPEGTS.tracker, [H264]).joins[0]!.init;
  const { joins } = track(MPEGTS.tracker, [concat(packets)]);
  assertEquals(
    joins.map(({ offset }) => offset),
    JOINS.map((offset) => offset / PACKET_BYTES * 204),
  );
  const gap = new Uint8Array(16);
  const [pat, pmt] = [tables.slice(0, 188), tables.slice(188)];
  assertEquals(joins[0]?.init, concat([pat, gap, pmt, gap]));
});

Deno.test("MpegTsTracker gives up where there are no packets", () => {
  const noise = new Uint8Array(MAX_SCAN_BYTES + 4096).fill(0x11);
  const { gaveUp } = track(MPEGTS.tracker, [noise]);
  assertEquals(gaveUp, "no MPEG-TS packets found");
  const almost = track(MPEGTS.tracker, [noise.subarray(4097), H264]);
  assertEquals(almost.gaveUp, undefined);
  assertEquals(almost.joins.length, JOINS.length);
});

Deno.test("pesPackets() wraps units in whole packets, with the stamps of the picture behind them", () => {
  const stamps = Uint8Array.of(0x31, 2, 3, 4, 5, 0x11, 7, 8, 9, 10);
  const units = Uint8Array.from({ length: 300 }, (_, i) => i);
  const packets = pesPackets(0x123, units, stamps, 1);
  const [first, second] = [packets.slice(0, 188), packets.slice(188)];
  assertEquals(packets.length, 2 * PACKET_BYTES);
  assertEquals([...first.slice(0, 4)], [0x47, 0x41, 0x23, 0x1f]);
  assertEquals([...first.slice(4, 13)], [0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10]);
  assertEquals(first.slice(13), concat([stamps, units.slice(0, 165)]));
  assertEquals([...second.slice(0, 4)], [0x47, 0x01, 0x23, 0x30]);
  const free = 184 - (300 - 165);
  assertEquals([...second.slice(4, 7)], [free - 1, 0, 0xff]);
  assertEquals(second.slice(4 + free), units.slice(165));
  const short = pesPackets(1, Uint8Array.of(9), stamps.slice(0, 5), 0);
  assertEquals(
    short.slice(-15),
    Uint8Array.of(
      ...[0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 5, 0x31, 2, 3, 4, 5, 9],
    ),
  );
  assertEquals(short[3], 0x3f);
});

/** PTS or DTS (ISO/IEC 13818-1 2.4.3.6): 33 bits, and marker bits between them. */
function stamp(prefix: number, ticks: number): number[] {
  const high = Math.floor(ticks / 2 ** 30);
  const words = [(ticks >>> 14) & 0xfffe | 1, (ticks << 1) & 0xfffe | 1];
  return [
    prefix << 4 | high << 1 | 1,
    ...words.flatMap((word) => [word >> 8, word & 0xff]),
  ];
}

Deno.test("PesReader.ticks is the DTS where there is one, else the PTS, and the payload follows the whole header", () => {
  const [pts, dts] = [2 ** 32 + 90_001, 2 ** 32 + 86_398];
  const rows: [number, number[], number | undefined, number[]][] = [
    [0xc0, [...stamp(3, pts), ...stamp(1, dts)], dts, [0, 1, 30]],
    [0xc0, stamp(3, pts), pts, [0, 4]], // The DTS that is announced does not fit.
    [0x80, stamp(2, pts), pts, [0, 1, 30]],
    [0x00, [], undefined, [0, 1, 30]],
  ];
  for (const [flags, stamps, ticks, stuffings] of rows) {
    for (const stuffing of stuffings) {
      const length = stamps.length + stuffing;
      const head = [0, 0, 1, 0xe0, 0, 0, 0x80, flags, length, ...stamps];
      const bytes = Uint8Array.of(
        ...head,
        ...Array(stuffing).fill(0xff),
        ...[1, 2, 3, 4],
      );
      for (const size of [1, 9, 10, bytes.length]) {
        const reader = new PesReader();
        reader.reset(true);
        const payload: number[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          const to = Math.min(at + size, bytes.length);
          payload.push(...bytes.subarray(reader.push(bytes, at, to), to));
        }
        const what = `flags ${flags}, ${length} bytes, in pieces of ${size}`;
        assertEquals([reader.ticks, payload], [ticks, [1, 2, 3, 4]], what);
      }
    }
  }
});

/** A packet's payload in packets of the given sizes and the rest, behind adaptation fields; counters are 0. */
function split(packet: Uint8Array, ...sizes: readonly number[]): Uint8Array[] {
  const from = (packet[3]! & 0x20) === 0 ? 4 : 5 + packet[4]!;
  const payload = packet.subarray(from);
  const cuts = [0, ...sizes, payload.length];
  return cuts.slice(1).map((to, i) => {
    const part = payload.subarray(cuts[i], to);
    const piece = new Uint8Array(PACKET_BYTES).fill(0xff);
    piece.set([0x47, packet[1]! & (i === 0 ? 0xff : 0xbf), packet[2]!, 0x30]);
    piece[4] = PACKET_BYTES - part.length - 5;
    piece[5] = i === 0 ? packet[5]! & 0xef : 0;
    piece.set(part, PACKET_BYTES - part.length);
    return piece;
  });
}

Deno.test("MpegTsTracker reads a PES header that is cut, and once where a part of it is sent twice", () => {
  const at = JOINS[1]!;
  const pieces = split(H264.subarray(at, at + PACKET_BYTES), 7, 12);
  const before = H264.subarray(0, at);
  const rest = H264.subarray(at + PACKET_BYTES);
  let counter = 0;
  const stream = changed(concat([before, ...pieces, rest]), (packet) => {
    if (packet[3]! & 0x10) packet[3] = packet[3]! & 0xf0 | counter++ & 15;
  });
  const middle = at + PACKET_BYTES;
  const twice = concat([
    stream.subarray(0, middle + PACKET_BYTES),
    stream.subarray(middle),
  ]);
  const whole = track(MPEGTS.tracker, [H264]).joins.map(({ time }) => time);
  for (const [bytes, more] of [[stream, 2], [twice, 3]] as const) {
    const { joins, corruptions } = track(MPEGTS.tracker, [bytes]);
    assertEquals(corruptions, []);
    assertEquals(joins.map(({ time }) => time), whole);
    assertEquals(
      joins.map(({ offset }) => offset),
      [JOINS[0], at, JOINS[2]! + more * PACKET_BYTES],
    );
  }
});
