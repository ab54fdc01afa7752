import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import type { MediaInfo, Tracker } from "../../lib/media/tracker.ts";
import { track, type Tracked, type TrackedJoin } from "../suites/join_suite.ts";
import type { Random } from "./mutate.ts";
import { CHEAP_CASES, type FuzzTarget } from "./target.ts";

/** Pieces of random sizes that a case is cut into, at most: each push takes some microseconds. */
const MAX_COARSE_PIECES = 12;

/** Bytes that are pushed one by one, at most: every head of a unit is shorter, or nearly so. */
const MAX_FINE_BYTES = 24;

/** Every container, and words that its tracker reacts to. */
const WORDS: readonly (readonly [string, readonly string[]])[] = [
  ["mpegts", ["G@\0\x10", "G\x1f\xff", "\0\0\x01\xe0", "\xff\xff"]],
  ["mpegps", ["\0\0\x01\xba", "\0\0\x01\xe0", "\0\0\x01\xbc", "\0\0\x01\xb3"]],
  ["h264", ["\0\0\x01\x65", "\0\0\x01\x67", "\0\0\0\x01", "\0\0\x03"]],
  ["hevc", ["\0\0\x01\x26\x01", "\0\0\x01\x42\x01", "\0\0\x03"]],
  ["mpegvideo", ["\0\0\x01\xb3", "\0\0\x01\0\0\x08", "\0\0\x01\xb5"]],
  ["m4v", ["\0\0\x01\xb6\0", "\0\0\x01\x20", "\0\0\x01\xb0"]],
  ["av1", ["\x12\0", "\x12\0\x0a", "\x32\x80"]],
  ["ivf", ["DKIF\0\0\x20\0", "VP80", "VP90", "AV01", "\0\0\0\0"]],
  ["mpjpeg", ["--", "\r\n", "Content-type: image/jpeg", "Content-length: 9"]],
  ["matroska", ["\x1aE", "\x1fC", "\x01", "V_VP8", "\xec\x84"]],
  ["webm", ["\x1aE", "\x1fC", "\x01", "V_VP9", "A_OPUS"]],
  ["mp4", ["moof", "moov", "mdat", "trun", "tfhd", "\0\0\0\0", "ftyp"]],
  ["flv", ["FLV\x01", "\x09\0\0", "\x08\0\0", "\x12\0\0", "\x17"]],
  ["nut", ["nut/multimedia container\0", "NM", "NS", "NK", "\x56\0"]],
  ["ogg", ["OggS\0\x02", "OggS\0", "OpusHead", "\x01vorbis", "theora"]],
  ["mp3", ["ID3\x03", "TAG", "Xing", "APETAGEX"]],
  ["adts", ["ID3\x04", "\x7f\x7f"]],
  ["ac3", ["\x0bw", "\x0bw\0"]],
  ["dts", ["\x7f\xfe\x80\x01", "\x64\x58\x20\x25"]],
  ["latm", ["\x56\xe0", "\x56\xe0\x10\x80"]],
  ["flac", ["fLaC", "\0\0\0\x22", "\x06\0\0"]],
  ["mjpeg", ["Exif", "JFIF\0"]],
  ["wav", ["RIFF", "WAVE", "fmt ", "data", "RF64", "ds64", "LIST"]],
  ["au", [".snd", "\0\0\0\x20", "\0\0\0\x01"]],
  ["aiff", ["FORM", "AIFF", "AIFC", "COMM", "SSND", "sowt"]],
  ["caf", ["caff", "desc", "data", "lpcm", "\0\0\0\0"]],
  ["y4m", ["YUV4MPEG2 ", "FRAME\n", " W1", " H1", " C420", "\n", " I"]],
  ["auto", ["OggS\0", "RIFF", "ftyp", "ID3", "fLaC", "FLV\x01", "\x1aE"]],
];

/** What a tracker reported of a case, and its state at the end. */
interface Watched extends Tracked {
  readonly missingBytes: number;
}

/** The laws of trackers, and that any chunking gives the same. */
function trackerTarget(
  container: string,
  words: readonly string[],
): FuzzTarget {
  return {
    name: `tracker-${container}`,
    cases: CHEAP_CASES,
    words,
    check(bytes, random): void {
      const whole = watch(container, [bytes]);
      const cut = watch(container, piecesOf(bytes, random));
      if (isJoinedAtPushes(whole)) return;
      // The comparison that words a difference well takes longer than the tracker does.
      if (!isSame(cut, whole)) assertEquals(cut, whole);
    },
  };
}

/** Cuts a case into a few pieces of random sizes, and a stretch of it into bytes. */
function piecesOf(bytes: Uint8Array, random: Random): Uint8Array[] {
  const cuts = new Set<number>([bytes.length]);
  for (let left = random(MAX_COARSE_PIECES); left > 0; left--) {
    cuts.add(random(bytes.length + 1));
  }
  const from = random(bytes.length + 1);
  const to = Math.min(from + random(MAX_FINE_BYTES + 1), bytes.length);
  for (let at = from; at < to; at++) cuts.add(at);
  const ends = Uint32Array.from(cuts).sort();
  return Array.from(ends, (end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

/** Runs a tracker under the laws of all trackers, and those of its state at the end. */
function watch(
  format: string,
  pieces: readonly Uint8Array[],
): Watched {
  const factory = trackerFor({ bufsize: 0, format });
  let tracker: Tracker | undefined;
  const tracked = track((sink) => tracker = factory(sink), pieces);
  const { missingBytes, time } = tracker!;
  assert(Number.isSafeInteger(missingBytes) && missingBytes >= 0);
  assert(time === undefined || Number.isFinite(time), `time ${time}`);
  return { ...tracked, missingBytes };
}

/** Joins are at the pushes then, whose number differs. */
function isJoinedAtPushes({ corruptions, infos }: Tracked): boolean {
  return infos.at(-1)?.container === "raw" ||
    corruptions.some((corruption) => corruption.includes("joins at chunks"));
}

function isSame(one: Watched, other: Watched): boolean {
  return one.missingBytes === other.missingBytes && one.time === other.time &&
    one.gaveUp === other.gaveUp &&
    areSame(one.corruptions, other.corruptions, Object.is) &&
    areSame(one.infos, other.infos, isSameInfo) &&
    areSame(one.joins, other.joins, isSameJoin);
}

function areSame<T>(
  one: readonly T[],
  other: readonly T[],
  same: (one: T, other: T) => boolean,
): boolean {
  return one.length === other.length &&
    one.every((item, i) => same(item, other[i]!));
}

function isSameInfo(one: MediaInfo, other: MediaInfo): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whatever a join point says, bytes among it. */
function isSameJoin(one: TrackedJoin, other: TrackedJoin): boolean {
  const [ones, others] = [Object.entries(one), Object.entries(other)];
  return areSame(
    ones,
    others,
    ([key, value], [otherKey, otherValue]) =>
      key === otherKey && isSameValue(value, otherValue),
  );
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (!(one instanceof Uint8Array)) return Object.is(one, other);
  return other instanceof Uint8Array && equals(one, other);
}

/** Every tracker, and the one that detects the container. */
export const TRACKER_TARGETS: readonly FuzzTarget[] = WORDS.map(
  ([container, words]) => trackerTarget(container, words),
);
