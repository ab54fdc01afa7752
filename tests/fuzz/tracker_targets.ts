import { assert, assertEquals } from "@std/assert";
import { sniffingTracker } from "../../lib/media/sniffing_tracker.ts";
import type { Container, TrackerFactory } from "../../lib/media/tracker.ts";
import { track, type Tracked } from "../suites/join_suite.ts";
import { cutAtRandom, DEAR_CASES, type FuzzTarget } from "./target.ts";

/** Bytes of one push at least: a whole case byte by byte would only take time. */
const LEAST_PIECE = 16;

/** Every container, and words that lead its tracker on. */
const WORDS: readonly (readonly [Container | "auto", readonly string[]])[] = [
  ["mpegts", ["G@\0\x10", "G\x1f\xff", "\0\0\x01\xe0", "\xff\xff"]],
  ["h264", ["\0\0\x01\x65", "\0\0\x01\x67", "\0\0\0\x01", "\0\0\x03"]],
  ["hevc", ["\0\0\x01\x26\x01", "\0\0\x01\x42\x01", "\0\0\x03"]],
  ["matroska", ["\x1aE", "\x1fC", "\x01", "V_VP8", "\xec\x84"]],
  ["webm", ["\x1aE", "\x1fC", "\x01", "V_VP9", "A_OPUS"]],
  ["mp4", ["moof", "moov", "mdat", "trun", "tfhd", "\0\0\0\0", "ftyp"]],
  ["flv", ["FLV\x01", "\x09\0\0", "\x08\0\0", "\x12\0\0", "\x17"]],
  ["ogg", ["OggS\0\x02", "OggS\0", "OpusHead", "\x01vorbis", "theora"]],
  ["mp3", ["ID3\x03", "TAG", "Xing", "APETAGEX"]],
  ["adts", ["ID3\x04", "\x7f\x7f"]],
  ["ac3", ["\x0bw", "\x0bw\0"]],
  ["flac", ["fLaC", "\0\0\0\x22", "\x06\0\0"]],
  ["mjpeg", ["Exif", "JFIF\0"]],
  ["wav", ["RIFF", "WAVE", "fmt ", "data", "RF64", "ds64", "LIST"]],
  ["y4m", ["YUV4MPEG2 ", "FRAME\n", " W1", " H1", " C420", "\n", " I"]],
  ["auto", ["OggS\0", "RIFF", "ftyp", "ID3", "fLaC", "FLV\x01", "\x1aE"]],
];

/** What must not depend on how the bytes came. */
function told(tracked: Tracked): unknown {
  const { joins, infos, gaveUp } = tracked;
  return { offsets: joins.map(({ offset }) => offset), infos, gaveUp };
}

/** The laws of trackers, and that any chunking gives the same. */
function trackerTarget(
  container: Container | "auto",
  words: readonly string[],
): FuzzTarget {
  const factory: TrackerFactory = sniffingTracker(container);
  return {
    name: `tracker-${container}`,
    cases: DEAR_CASES,
    words,
    check(bytes, random): void {
      const whole = track(factory, [bytes]);
      const pieces = cutAtRandom(bytes, random);
      const few = pieces.length <= bytes.length / LEAST_PIECE;
      const cut = track(factory, few ? pieces : [bytes]);
      if (container !== "auto" && !hasFallenBack(whole)) {
        assertEquals(told(cut), told(whole));
      }
      checkMissing(factory, bytes);
    },
  };
}

/** From there on joins are at the pushes, whose number differs. */
function hasFallenBack({ damages }: Tracked): boolean {
  return damages.some((damage) => damage.includes("joins at chunks"));
}

function checkMissing(factory: TrackerFactory, bytes: Uint8Array): void {
  const ignore = (): void => {};
  const sink = { init: ignore, join: ignore, info: ignore, damage: ignore };
  const tracker = factory({ ...sink, giveUp: ignore });
  tracker.push(bytes);
  const { missingBytes, time } = tracker;
  assert(Number.isSafeInteger(missingBytes) && missingBytes >= 0);
  assert(time === undefined || Number.isFinite(time), `time ${time}`);
}

/** Every tracker, and the one that finds the container out. */
export const TRACKER_TARGETS: readonly FuzzTarget[] = WORDS.map(
  ([container, words]) => trackerTarget(container, words),
);
