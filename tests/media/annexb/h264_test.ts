import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { OPEN_AFTER_PICTURES } from "../../../lib/media/codec/random_access_policy.ts";
import { H264 } from "../../../lib/media/annexb/h264.ts";
import { MAX_JOINLESS_BYTES } from "../../../lib/media/limits.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const DEFAULT = mediaSample("h264_default.h264");

for (const name of ["h264_default.h264", "h264_slices.h264"]) {
  const sample = mediaSample(name);
  joinSuite(name, H264.tracker, sample);
  decodeSuite(name, H264.tracker, sample, "h264");

  Deno.test(`${name}: joins at each IDR picture and tells what it is`, () => {
    const { joins, infos, time } = track(H264.tracker, [sample]);
    assertEquals(joins.length, 3);
    for (const { offset } of joins) {
      // Parameter sets come first, with a start code of four bytes.
      assertEquals(sample.subarray(offset, offset + 5).toHex(), "0000000167");
    }
    assertEquals(infos, [{
      container: "h264",
      mime: "video/h264",
      codecs: ["avc1.64000b"],
      video: true,
      width: 160,
      height: 120,
    }]);
    assertEquals(time, undefined);
  });
}

/** Units of an artificial stream: a real SPS and PPS, and slices cut to their first bytes. */
const SPS = "0000000167640028acd940780227e5c044000003000400000300c83c60c658";
const PPS = "0000000168ebe3cb22c0";
const IDR_PICTURE = "00000165b804ffff";
const P_SLICE = "000001419a02ffff";
const I_SLICE = "0000014188ffff";
const FURTHER_SLICE = "00000141407fff";
const RECOVERY = "0000010606018080";
const AUD = "000000010910";

function stream(...units: string[]): Uint8Array {
  return Uint8Array.fromHex(units.join(""));
}

Deno.test("H264Tracker joins at the first unit of the access unit", () => {
  const before = stream(AUD, SPS, PPS, IDR_PICTURE, P_SLICE);
  const bytes = concat([before, stream(AUD, RECOVERY, IDR_PICTURE, P_SLICE)]);
  const { joins } = track(H264.tracker, [bytes]);
  assertEquals(joins.map(({ offset }) => offset), [0, before.length]);
  assertEquals(joins[1]?.init.toHex(), SPS + PPS);
});

Deno.test("H264Tracker takes units of types 14 to 18, and no others, for the beginning of an access unit", () => {
  const before = stream(SPS, PPS, IDR_PICTURE, P_SLICE);
  for (let type = 13; type <= 20; type++) {
    const unit = stream(`00000001${(0x60 | type).toString(16)}80`);
    const bytes = concat([before, unit, stream(IDR_PICTURE, P_SLICE)]);
    const { joins } = track(H264.tracker, [bytes]);
    const lead = type >= 14 && type <= 18 ? 0 : unit.length;
    assertEquals(joins[1]?.offset, before.length + lead, `type ${type}`);
  }
});

Deno.test("H264Tracker takes further slices for no pictures", () => {
  const bytes = stream(SPS, PPS, IDR_PICTURE, FURTHER_SLICE, FURTHER_SLICE);
  assertEquals(track(H264.tracker, [bytes]).joins.length, 1);
});

Deno.test("H264Tracker reports no IDR before the parameter sets it needs", () => {
  const lone = stream(AUD, IDR_PICTURE, SPS, IDR_PICTURE);
  const bytes = concat([lone, stream(PPS, IDR_PICTURE, P_SLICE)]);
  const { joins } = track(H264.tracker, [bytes]);
  assertEquals(joins.map(({ offset }) => offset), [lone.length]);
});

Deno.test("H264Tracker gives new parameter sets as init before the join that needs them", () => {
  const other = SPS.replace("640028", "640029");
  const { joins, infos } = track(H264.tracker, [
    stream(SPS, PPS, IDR_PICTURE, other, PPS, IDR_PICTURE, P_SLICE),
  ]);
  assertEquals(joins.map(({ init }) => init.toHex()), [SPS + PPS, other + PPS]);
  assertEquals(infos.map(({ codecs }) => codecs[0]), [
    "avc1.640028",
    "avc1.640029",
  ]);
});

Deno.test("H264Tracker takes recovery points once IDR pictures are long overdue", () => {
  const head = stream(SPS, PPS, IDR_PICTURE);
  const point = stream(RECOVERY, I_SLICE);
  const pictures = (count: number): Uint8Array =>
    concat(Array.from({ length: count }, () => stream(P_SLICE)));
  const early = [head, pictures(OPEN_AFTER_PICTURES - 1), point];
  assertEquals(track(H264.tracker, [concat(early)]).joins.length, 1);
  const bytes = concat([...early, point, pictures(3)]);
  const { joins } = track(H264.tracker, [bytes]);
  const at = concat(early).length;
  assertEquals(joins.map(({ offset }) => offset), [0, at]);
});

Deno.test("H264Tracker takes recovery points at once in a stream without IDR pictures", () => {
  const bytes = stream(SPS, PPS, P_SLICE, RECOVERY, I_SLICE, P_SLICE);
  const { joins } = track(H264.tracker, [bytes]);
  assertEquals(joins.length, 1);
});

Deno.test("H264Tracker reports garbage once, and continues at the next IDR picture", () => {
  const { joins } = track(H264.tracker, [DEFAULT]);
  const second = joins[1]?.offset ?? 0;
  const garbage = Uint8Array.fromHex("000001ff".repeat(500));
  const bytes = concat([
    DEFAULT.subarray(0, second - 100),
    garbage,
    DEFAULT.subarray(second - 100),
  ]);
  const corrupted = track(H264.tracker, [bytes]);
  assertEquals(corrupted.corruptions, [
    "a unit that the codec does not define",
  ]);
  assertEquals(
    corrupted.joins.map(({ offset }) => offset),
    joins.map(({ offset }) =>
      offset < second ? offset : offset + garbage.length
    ),
  );
});

Deno.test("H264Tracker gives up on a stream without any key frame, at the same byte in any chunking", () => {
  const megabyte = new Uint8Array(1024 * 1024);
  megabyte.set(stream(SPS, PPS, P_SLICE));
  for (const pieces of [1, 3]) {
    const gaveUpAfter = bytesUntilGivenUp(megabyte, pieces);
    assertEquals(gaveUpAfter, MAX_JOINLESS_BYTES);
  }
});

/** Pushes the same bytes over and over, each time in several pieces. */
function bytesUntilGivenUp(bytes: Uint8Array, pieces: number): number {
  let gaveUp = 0;
  const ignore = (): void => {};
  const tracker = H264.tracker({
    init: ignore,
    join: ignore,
    info: ignore,
    corruption: ignore,
    giveUp: () => gaveUp++,
  });
  let pushed = 0;
  const size = Math.ceil(bytes.length / pieces);
  while (pushed < 2 * MAX_JOINLESS_BYTES && gaveUp === 0) {
    for (let at = 0; at < bytes.length && gaveUp === 0; at += size) {
      const piece = bytes.subarray(at, at + size);
      tracker.push(piece);
      pushed += piece.length;
    }
  }
  tracker.push(bytes);
  assertEquals(gaveUp, 1);
  return pushed;
}

Deno.test("H264Tracker holds no more of endless parameter sets than allowed", () => {
  const endless = concat([stream(SPS), new Uint8Array(100_000).fill(7)]);
  const sets = Array.from({ length: 300 }, (_, id) => pps(id));
  const { corruptions } = track(H264.tracker, [concat([endless, ...sets])]);
  assert(corruptions.length === 1, corruptions.join());
});

/** A PPS of 1,000 bytes with the given id. */
function pps(id: number): Uint8Array {
  const code = (id + 1).toString(2);
  const bits = ("0".repeat(code.length - 1) + code).padEnd(24, "1");
  const bytes = new Uint8Array(1000).fill(0x55);
  bytes.set([
    0,
    0,
    1,
    0x68,
    ...bits.match(/.{8}/g)!.map((b) => parseInt(b, 2)),
  ]);
  return bytes;
}
