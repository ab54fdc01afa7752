import { assertEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { MAX_INIT_BYTES } from "../../../lib/media/limits.ts";
import { MP4 } from "../../../lib/media/mp4/mp4.ts";
import { breakSuite, decodeSuite } from "../../suites/decode_suite.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const VECTORS = new URL("../../vectors/media/", import.meta.url);

/** Each sample with what it carries, its number of join points and the seconds of the last. */
const SAMPLES = [
  ["fmp4_h264_aac.mp4", "video/mp4", "avc1.640009,mp4a.40.2", 3, 2],
  ["fmp4_frames.mp4", "video/mp4", "avc1.640009,mp4a.40.2", 3, 2],
  ["fmp4_hevc_dash.mp4", "video/mp4", "hvc1.1.6.L30.90", 3, 1.867],
  ["fmp4_opus.mp4", "audio/mp4", "opus", 16, 3],
  ["fmp4_quicktime.mov", "video/mp4", "avc1.640009,mp4a.40.2", 3, 2],
  ["fmp4_gstreamer.mov", "video/mp4", "avc1.4d400b,mp4a.40.2", 3, 2],
  ["fmp4_recorder.mp4", "video/mp4", "opus,vp09.00.10.08", 4, 3.137],
] as const;

function sampleOf(file: string): Uint8Array {
  return Deno.readFileSync(new URL(file, VECTORS));
}

for (const [file, mime, codecs, joins, last] of SAMPLES) {
  const sample = sampleOf(file);
  joinSuite(file, MP4.tracker, sample, 100);
  decodeSuite(file, MP4.tracker, sample, "mp4");
  breakSuite(file, MP4.tracker, sample);
  Deno.test(`${file}: info and join points`, () => {
    const tracked = track(MP4.tracker, [sample]);
    assertEquals(tracked.infos.length, 1);
    assertEquals(tracked.infos[0]?.mime, mime);
    assertEquals(tracked.infos[0]?.codecs.join(), codecs);
    assertEquals(tracked.joins.length, joins);
    assertEquals(
      Math.round((tracked.joins.at(-1)?.time ?? 0) * 1000),
      last * 1000,
    );
  });
}

Deno.test("Fmp4Tracker names no codecs where the configuration of one is missing", () => {
  const text = new TextDecoder("latin1").decode(sampleOf(SAMPLES[0][0]));
  const bytes = sampleOf(SAMPLES[0][0]).slice();
  bytes.set(new TextEncoder().encode("skip"), text.indexOf("avcC"));
  const { infos } = track(MP4.tracker, [bytes]);
  assertEquals(infos.map(({ codecs }) => codecs), [[]]);
});

function box(type: string, ...data: Uint8Array[]): Uint8Array {
  const body = concat(data);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, 8 + body.length);
  head.set(new TextEncoder().encode(type), 4);
  return concat([head, body]);
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(i * 4, value));
  return bytes;
}

const NON_SYNC = 0x10000;

/** A track of a clock of 1,000 ticks whose samples are by default no sync samples. */
function movie(handler: string): Uint8Array {
  const hdlr = box("hdlr", words(0, 0), new TextEncoder().encode(handler));
  const stbl = box("stbl", box("stsd", words(0, 0)));
  const mdia = box(
    "mdia",
    box("mdhd", words(0, 0, 0, 1000)),
    hdlr,
    box("minf", stbl),
  );
  const trak = box("trak", box("tkhd", words(0, 0, 0, 1)), mdia);
  const trex = box("trex", words(0, 1, 1, 0, 0, NON_SYNC));
  return box("moov", box("mvhd"), trak, box("mvex", trex));
}

/** A fragment of track 1 at `seconds`, of the given tfhd and trun boxes. */
function fragment(
  seconds: number,
  tfhd: Uint8Array,
  ...runs: Uint8Array[]
): Uint8Array {
  const tfdt = box("tfdt", words(0, seconds * 1000));
  const traf = box("traf", tfhd, tfdt, ...runs);
  const mdat = box("mdat", new Uint8Array(100));
  return concat([box("moof", box("mfhd", words(0, 0)), traf), mdat]);
}

const TFHD = box("tfhd", words(0x20000, 1));
const PLAIN_RUN = box("trun", words(0, 1));
const KEY_RUN = box("trun", words(0x4, 1, 0));

function joinTimes(...stream: Uint8Array[]): (number | undefined)[] {
  return track(MP4.tracker, stream).joins.map((join) => join.time);
}

Deno.test("Fmp4Tracker takes the first sample's flags from trun, tfhd, then trex", () => {
  const syncTfhd = box("tfhd", words(0x20038, 1, 40, 100, 0));
  const flaggedRun = box("trun", words(0x705, 1, 0, NON_SYNC, 40, 100, 0));
  const sampleRun = box("trun", words(0x701, 1, 0, 40, 100, 0));
  assertEquals(
    joinTimes(
      movie("vide"),
      fragment(0, TFHD, PLAIN_RUN),
      fragment(1, syncTfhd, PLAIN_RUN),
      fragment(2, syncTfhd, flaggedRun),
      fragment(3, TFHD, KEY_RUN),
      fragment(4, TFHD, sampleRun),
      fragment(5, TFHD, box("trun", words(0, 0)), KEY_RUN),
      fragment(6, TFHD),
    ),
    [1, 3, 4, 5],
  );
});

Deno.test("Fmp4Tracker joins at any fragment of sound", () => {
  const stream = [movie("soun"), fragment(0, TFHD, PLAIN_RUN)];
  assertEquals(joinTimes(...stream, fragment(1, TFHD, PLAIN_RUN)), [0, 1]);
});

Deno.test("Fmp4Tracker joins at the boxes that lead a fragment", () => {
  const key = fragment(0, TFHD, KEY_RUN);
  const lead = [box("styp", words(0, 0)), box("sidx", words(0)), box("prft")];
  const apart = [box("styp", words(0, 0)), box("free")];
  const before = movie("vide").length;
  const { joins } = track(MP4.tracker, [
    ...[movie("vide"), ...lead, key, ...apart, key],
  ]);
  const second = before + concat([...lead, key, ...apart]).length;
  assertEquals(joins.map((join) => join.offset), [before, second]);
});

Deno.test("Fmp4Tracker reads boxes with a size of 64 bits", () => {
  const key = fragment(1, TFHD, KEY_RUN);
  const long = concat([
    words(1),
    new TextEncoder().encode("free"),
    words(0, 20, 9),
  ]);
  assertEquals(joinTimes(movie("vide"), long, key), [1]);
});

Deno.test("Fmp4Tracker resynchronises after boxes of no, 0 and 2^63 bytes", () => {
  const huge = concat([
    words(1),
    new TextEncoder().encode("mdat"),
    words(2 ** 31, 0),
  ]);
  const endless = concat([words(0), new TextEncoder().encode("mdat")]);
  const small = concat([words(7), new TextEncoder().encode("free")]);
  for (const lie of [huge, endless, small]) {
    const stream = [movie("vide"), fragment(0, TFHD, KEY_RUN), lie];
    const { joins, corruptions } = track(MP4.tracker, [
      ...[...stream, new Uint8Array(999), fragment(1, TFHD, KEY_RUN)],
    ]);
    assertEquals(corruptions.length, 1);
    assertEquals(joins.map((join) => join.time), [0, 1]);
  }
});

Deno.test("Fmp4Tracker sends the newest moov", () => {
  const { joins } = track(MP4.tracker, [
    ...[movie("soun"), fragment(0, TFHD, PLAIN_RUN)],
    ...[movie("vide"), fragment(1, TFHD, KEY_RUN)],
  ]);
  assertEquals(joins.map((join) => join.init), [movie("soun"), movie("vide")]);
});

Deno.test("Fmp4Tracker says why it gives up", () => {
  function reason(...stream: Uint8Array[]): string {
    return track(MP4.tracker, stream).gaveUp ?? "";
  }
  assertStringIncludes(reason(sampleOf("mp4_file.mp4")), "before its moov");
  assertStringIncludes(
    reason(sampleOf("fmp4_absolute.mp4")),
    "default_base_moof",
  );
  assertStringIncludes(reason(box("moov", box("mvhd"))), "empty_moov");
  const long = box("moov", new Uint8Array(600_000));
  assertStringIncludes(reason(long), "600008 bytes, 524288 allowed");
});

/** A box with an empty one in it that fills it up to so many bytes. */
function filled(whole: Uint8Array, length: number): Uint8Array {
  const type = new TextDecoder().decode(whole.subarray(4, 8));
  const rest = new Uint8Array(length - whole.length - 8);
  return box(type, whole.subarray(8), box("free", rest));
}

Deno.test("Fmp4Tracker takes boxes up to their caps", () => {
  const ftyp = box("ftyp", new Uint8Array(92).fill(0x69));
  const most = MAX_INIT_BYTES - ftyp.length;
  const gaveUp = (length: number): string | undefined =>
    track(MP4.tracker, [ftyp, filled(movie("vide"), length)]).gaveUp;
  assertEquals(gaveUp(most), undefined);
  assertStringIncludes(`${gaveUp(most + 1)}`, `moov of ${most + 1} bytes`);

  const key = fragment(0, TFHD, KEY_RUN);
  const moofBytes = new DataView(key.buffer).getUint32(0);
  const [moof, mdat] = [key.slice(0, moofBytes), key.slice(moofBytes)];
  const joins = (length: number): number =>
    joinTimes(movie("vide"), filled(moof, length), mdat).length;
  assertEquals([joins(512 * 1024), joins(512 * 1024 + 1)], [1, 0]);

  const corruptions = (length: number): number =>
    track(MP4.tracker, [box("ftyp", new Uint8Array(length - 8).fill(0x69))])
      .corruptions.length;
  assertEquals([corruptions(4096), corruptions(4097)], [0, 1]);
});

Deno.test("Fmp4Tracker takes corruptions for one incident until three boxes in a row are sound", () => {
  const sound = box("styp", new TextEncoder().encode("msdh"), words(0));
  const garbage = new Uint8Array(100);
  const incidents = [1, 2, 3, 4].map((count) => {
    const between = Array(count).fill(sound);
    const stream = [movie("vide"), garbage, ...between, garbage, ...between];
    return track(MP4.tracker, stream).corruptions.length;
  });
  assertEquals(incidents, [1, 1, 2, 2]);
});
