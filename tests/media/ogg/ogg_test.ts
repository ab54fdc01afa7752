import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { OGG } from "../../../lib/media/ogg/ogg.ts";
import { readOggPage } from "../../../lib/media/ogg/page.ts";
import { crc32 } from "../../../lib/media/reader/crc32.ts";
import { decodeJoins, mediaSample } from "../../helpers/decode_joins.ts";
import { joinSuite, track } from "../../suites/join_suite.ts";

const OPUS = mediaSample("ogg_opus.ogg");

/** Each sample with its MIME type and codecs. */
const SAMPLES: readonly [string, string, ...string[]][] = [
  ["ogg_opus.ogg", "audio/ogg", "opus"],
  ["ogg_vorbis.ogg", "audio/ogg", "vorbis"],
  ["ogg_flac.ogg", "audio/ogg", "flac"],
  ["ogg_flac_gstreamer.ogg", "audio/ogg", "flac"],
  ["ogg_flac_liquidsoap.ogg", "audio/ogg", "flac"],
  ["ogg_speex.ogg", "audio/ogg", "speex"],
  ["ogg_theora.ogv", "video/ogg", "theora"],
  ["ogg_theora_vorbis.ogv", "video/ogg", "theora", "vorbis"],
  ["ogg_vp8.ogv", "video/ogg", "vp8"],
  ["ogg_chained.ogg", "audio/ogg", "opus"],
];

for (const [name, mime, ...codecs] of SAMPLES) {
  joinSuite(name, OGG.tracker, mediaSample(name), 100);
  decodeJoins(name, OGG.tracker, false);
  Deno.test(`${name}: tells what it carries`, () => {
    const { infos } = track(OGG.tracker, [mediaSample(name)]);
    const video = mime === "video/ogg";
    assertEquals(infos.at(-1), {
      container: "ogg",
      mime,
      codecs,
      video,
      ...(video ? { width: 160, height: 120 } : {}),
    });
  });
}

Deno.test("ogg: video joins at key frames alone, of which there is one in 20 frames", () => {
  for (
    const name of ["ogg_theora.ogv", "ogg_theora_vorbis.ogv", "ogg_vp8.ogv"]
  ) {
    const { joins, time } = track(OGG.tracker, [mediaSample(name)]);
    const times = joins.map((join) => join.time?.toFixed(2));
    assertEquals(times, ["0.04", "0.80", "1.60", "2.40"], name);
    assertEquals(time, 3);
  }
});

/** A copy in which one byte of the first page is another, with a right CRC. */
function withFirstByte(stream: Uint8Array, at: number): Uint8Array {
  const copy = stream.slice();
  copy[at]! ^= 1;
  const { headerBytes, payloadBytes } = readOggPage(copy, 0);
  const view = new DataView(copy.buffer);
  view.setUint32(22, 0, true);
  const page = copy.subarray(0, headerBytes + payloadBytes);
  view.setUint32(22, crc32(page, 0), true);
  return copy;
}

Deno.test("ogg: a stream of unknown codecs only is joined at pages", () => {
  const known = track(OGG.tracker, [OPUS]);
  const { joins, infos, gaveUp } = track(OGG.tracker, [
    withFirstByte(OPUS, 28),
  ]);
  assertEquals(gaveUp, undefined);
  assertEquals(
    joins.map(({ offset }) => offset),
    known.joins.map(({ offset }) => offset),
  );
  assertEquals(joins[0]?.init.length, known.joins[0]?.init.length);
  assertEquals(infos.at(-1)?.codecs, []);
});

Deno.test("ogg: a chained stream brings its own init, and the clock continues", () => {
  const bytes = mediaSample("ogg_chained.ogg");
  const { joins, time, corruptions } = track(OGG.tracker, [bytes]);
  assertEquals(corruptions, []);
  const inits = new Set(joins.map((join) => join.init));
  assertEquals(inits.size, 2);
  const times = joins.map((join) => join.time ?? -1);
  assertEquals(times, times.toSorted((a, b) => a - b));
  assertEquals(time, 6);
});

Deno.test("ogg: garbage is one corruption; a page after it must have the right CRC", () => {
  const whole = track(OGG.tracker, [OPUS]);
  const at = whole.joins[6]?.offset ?? 0;
  const garbage = new TextEncoder().encode("OggS".repeat(100));
  const bytes = concat([OPUS.subarray(0, at), garbage, OPUS.subarray(at)]);
  const { joins, corruptions } = track(OGG.tracker, [bytes]);
  assertEquals(corruptions, ["no Ogg page where one is due"]);
  assertEquals(
    joins.map((join) => join.offset),
    whole.joins.map(({ offset }) => offset < at ? offset : offset + 400),
  );
});

Deno.test("readOggPage() reads each flag of a page by itself", () => {
  const page = OPUS.slice(0, 200);
  for (let flags = 0; flags < 8; flags++) {
    page[5] = flags;
    const { continued, first, last } = readOggPage(page, 0);
    assertEquals(
      [continued, first, last],
      [(flags & 1) > 0, (flags & 2) > 0, (flags & 4) > 0],
    );
  }
});

Deno.test("ogg: gives up when a header page was lost, or is corrupted", () => {
  const bytes = OPUS.slice();
  bytes[60] = 0xff ^ (bytes[60] ?? 0);
  const { joins, gaveUp, corruptions } = track(
    OGG.tracker,
    Array(60).fill(bytes),
  );
  assertEquals(joins, []);
  assertEquals(corruptions.length > 0, true);
  assertEquals(gaveUp, "no Ogg page that can be decoded in 1048576 bytes");
});

Deno.test("ogg: gives up on headers beyond the cap instead of holding them", () => {
  // A second header page of Vorbis that never ends its packet: 60 pages of 65025 bytes.
  const vorbis = mediaSample("ogg_vorbis.ogg");
  const big = new Uint8Array(27 + 255 + 65025);
  big.set(vorbis.subarray(0, 27));
  big[5] = 0;
  big[26] = 255;
  big.fill(255, 27, 282);
  big.set(crc(big), 22);
  const { gaveUp } = track(OGG.tracker, [
    vorbis.subarray(0, 58),
    ...Array(60).fill(big),
  ]);
  assertEquals(gaveUp, "headers of more than 409600 bytes");
});

/** The CRC of a page (RFC 3533 §6), bit by bit and so independent of the tracker's table. */
function crc(page: Uint8Array): number[] {
  const bytes = page.slice();
  bytes.fill(0, 22, 26);
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
    }
  }
  return [crc & 255, (crc >> 8) & 255, (crc >> 16) & 255, crc >>> 24];
}

Deno.test("ogg: missingBytes completes the page that the end cuts", () => {
  const { joins } = track(OGG.tracker, [OPUS]);
  const [from, to] = [joins[3]?.offset ?? 0, joins[4]?.offset ?? 0];
  for (const length of [from, from + 27 + 12, from + 300, to - 1, to]) {
    const tracker = OGG.tracker({
      init: () => {},
      join: () => {},
      info: () => {},
      corruption: () => {},
      giveUp: () => {},
    });
    tracker.push(OPUS.subarray(0, length));
    const missing = tracker.missingBytes;
    if (length < from + 40) assert(missing >= 0 && missing < to - from);
    else assertEquals(missing, to - length, `after ${length - from} bytes`);
  }
});
