import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MATROSKA } from "../../../lib/media/matroska/matroska.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const VECTORS = new URL("../../vectors/media/", import.meta.url);

/** Each sample with what it carries and its number of key frames, or of Opus packets. */
const SAMPLES = [
  ["matroska_h264_aac.mkv", "video/x-matroska", "avc1.640009,mp4a.40.2", 3],
  ["matroska_hevc.mkv", "video/x-matroska", "hvc1.1.6.L30.90", 3],
  ["matroska_file.mkv", "video/x-matroska", "avc1.640009,mp4a.40.2", 3],
  ["webm_vp8_opus.webm", "video/webm", "vp8,opus", 3],
  ["webm_vp9_live.webm", "video/webm", "vp9,opus", 3],
  ["webm_vp8_groups.webm", "video/webm", "vp8", 3],
  ["webm_opus.webm", "audio/webm", "opus", 151],
  ["webm_recorder.webm", "video/webm", "opus,vp8", 4],
] as const;

for (const [file, mime, codecs, joins] of SAMPLES) {
  const sample = Deno.readFileSync(new URL(file, VECTORS));
  joinSuite(file, MATROSKA.tracker, sample, 60);
  decodeSuite(file, MATROSKA.tracker, sample, "matroska");
  Deno.test(`${file}: info and number of join points`, () => {
    const tracked = track(MATROSKA.tracker, [sample]);
    assertEquals(tracked.infos.length, 1);
    assertEquals(tracked.infos[0]?.mime, mime);
    assertEquals(tracked.infos[0]?.codecs.join(), codecs);
    assertEquals(tracked.joins.length, joins);
  });
}

function sampleOf(file: string): Uint8Array {
  return Deno.readFileSync(new URL(file, VECTORS));
}

breakSuite(
  "webm_vp9_live.webm",
  MATROSKA.tracker,
  sampleOf("webm_vp9_live.webm"),
);
breakSuite(
  "webm_vp8_groups.webm",
  MATROSKA.tracker,
  sampleOf("webm_vp8_groups.webm"),
);

/** An element with a size of 8 bytes, or of unknown size. */
function element(id: number[], ...data: Uint8Array[]): Uint8Array {
  const body = concat(data);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(4, body.length);
  head[0] = 1;
  return concat([Uint8Array.from(id), head, body]);
}

function unknownSize(id: number[]): Uint8Array {
  return Uint8Array.of(...id, 1, 255, 255, 255, 255, 255, 255, 255);
}

const CLUSTER = [0x1f, 0x43, 0xb6, 0x75];
const VOID = [0xec];

/** A stream of one VP8 track of 16x16 pixels, up to its first cluster. */
function header(): Uint8Array {
  return concat([
    element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], text("webm"))),
    unknownSize([0x18, 0x53, 0x80, 0x67]),
    element(
      [0x16, 0x54, 0xae, 0x6b],
      element(
        [0xae],
        element([0xd7], Uint8Array.of(1)),
        element([0x83], Uint8Array.of(1)),
        element([0x86], text("V_VP8")),
      ),
    ),
  ]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function cluster(seconds: number): Uint8Array {
  const time = new Uint8Array(4);
  new DataView(time.buffer).setUint32(0, seconds * 1000);
  return concat([unknownSize(CLUSTER), element([0xe7], time)]);
}

/** A SimpleBlock of track 1, `ticks` after its cluster. */
function block(ticks: number, key: boolean): Uint8Array {
  const head = [0x81, ticks >> 8 & 255, ticks & 255, key ? 0x80 : 0];
  return element([0xa3], Uint8Array.from(head), new Uint8Array(500));
}

Deno.test("MatroskaTracker joins at a key block in mid-cluster, with its cluster's timestamp", () => {
  const before = concat([header(), cluster(70), block(-40, false)]);
  const { joins, time } = track(MATROSKA.tracker, [
    before,
    block(40, true),
    block(80, false),
  ]);
  assertEquals(joins.map((join) => join.offset), [before.length]);
  assertEquals(joins[0]?.time, 70.04);
  assertEquals(time, 70.08);
  const prefix = [...joins[0]?.prefix ?? []];
  assertEquals(prefix.slice(0, 4), CLUSTER);
  assertEquals(prefix.slice(-10), [0xe7, 0x88, 0, 0, 0, 0, 0, 1, 0x11, 0x70]);
});

Deno.test("MatroskaTracker leaves out of init what misleads a joiner", () => {
  const ebml = header().subarray(0, 26);
  const segment = element([0x18, 0x53, 0x80, 0x67], new Uint8Array());
  const seekHead = element([0x11, 0x4d, 0x9b, 0x74], new Uint8Array(9));
  const tracks = header().subarray(26 + 12);
  const stream = [ebml, segment, seekHead, element(VOID), tracks];
  const { joins } = track(MATROSKA.tracker, [
    ...stream,
    cluster(0),
    block(0, true),
  ]);
  assertEquals(joins[0]?.init, header());
});

Deno.test("MatroskaTracker finds the next cluster after garbage", () => {
  const garbage = new Uint8Array(3000).fill(0x1f);
  const stream = concat([
    ...[header(), cluster(0), block(0, true), block(40, false), garbage],
    ...[cluster(1), block(0, true), cluster(2), block(0, true)],
  ]);
  const { joins, corruptions } = track(MATROSKA.tracker, [stream]);
  assertEquals(corruptions.length, 1);
  assertEquals(joins.map((join) => join.time), [0, 1, 2]);
});

Deno.test("MatroskaTracker resynchronises after a length of 2^55 bytes", () => {
  const lie = Uint8Array.of(0xa3, 1, 127, 255, 255, 255, 255, 255, 255);
  const { joins, corruptions } = track(MATROSKA.tracker, [
    ...[header(), cluster(0), block(0, true), block(40, false), lie],
    ...[cluster(1), block(0, true)],
  ]);
  assertEquals(corruptions, ["a wrong length"]);
  assertEquals(joins.map((join) => join.time), [0, 1]);
});

Deno.test("MatroskaTracker takes a new EBML header for a new stream", () => {
  const second = concat([header(), cluster(0), block(0, true)]);
  const wide = sampleOf("webm_vp8_opus.webm");
  const { joins, infos, corruptions } = track(MATROSKA.tracker, [wide, second]);
  assertEquals(corruptions, []);
  assertEquals(infos.length, 2);
  assertEquals(joins.at(-1)?.init, header());
  assertEquals(joins.at(-1)?.time, 0);
});

Deno.test("MatroskaTracker gives up on Tracks that are longer than its cap", () => {
  const tracks = element([0x16, 0x54, 0xae, 0x6b], new Uint8Array(600_000));
  const { gaveUp } = track(MATROSKA.tracker, [
    header().subarray(0, 38),
    tracks,
  ]);
  assertEquals(gaveUp, "Tracks of 600012 bytes, 524288 allowed");
});

for (const [length, kept] of [[600_000, 0], [131_073, 0], [100_000, 1]]) {
  Deno.test(`MatroskaTracker keeps ${kept} attachment of ${length} bytes in init`, () => {
    const attachment = element(
      [0x19, 0x41, 0xa4, 0x69],
      new Uint8Array(length!),
    );
    const { joins, gaveUp } = track(MATROSKA.tracker, [
      ...[header(), attachment, cluster(0), block(0, true)],
    ]);
    assertEquals(gaveUp, undefined);
    const init = kept ? concat([header(), attachment]) : header();
    assertEquals(joins[0]?.init, init);
  });
}

Deno.test("MatroskaTracker joins behind attachments that come before Tracks", () => {
  const id = [0x19, 0x41, 0xa4, 0x69];
  const attachment = element(id, new Uint8Array(400_000));
  const start = header();
  const tracks = element([0x16, 0x54, 0xae, 0x6b], new Uint8Array(200_000));
  const { gaveUp, joins } = track(MATROSKA.tracker, [
    ...[start.subarray(0, 38), attachment, tracks, start.subarray(38)],
    ...[cluster(0), block(0, true)],
  ]);
  assertEquals(gaveUp, undefined);
  assertEquals(joins.length, 1);
});

Deno.test("MatroskaTracker gives up when nothing is recognisable or no key frame comes", () => {
  const zeros = new Uint8Array(1024 * 1024);
  const garbage = Array.from({ length: 17 }, () => zeros);
  assertEquals(
    track(MATROSKA.tracker, garbage).gaveUp,
    "nothing recognisable in 16777216 bytes",
  );
  const filler = element(VOID, zeros);
  const keyless = Array.from({ length: 130 }, () => filler);
  assertEquals(
    track(MATROSKA.tracker, [header(), cluster(0), ...keyless]).gaveUp,
    "no join point in 134217728 bytes",
  );
});
