/**
 * What a watcher's decoder needs between a broadcast that broke off and the one that takes its place.
 * Each rule is what decoders were seen to do; the tests do it again with real ones.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { decoderSetup } from "./matroska/header.ts";
import type { Container, MediaInfo } from "./tracker.ts";

/** A broadcast, as its tracker told of it. */
export interface Spliced {
  /** What it carries; `undefined` while unknown. */
  readonly info: MediaInfo | undefined;
  /** The init bytes in force where it breaks off, or where it is joined. */
  readonly init: Uint8Array;
  /** Seconds on its own clock there, where it has one. */
  readonly time: number | undefined;
}

/** Gives the bytes to send before the join point; `undefined`: this cannot be spliced. */
type Rule = (before: Spliced, after: Spliced) => Uint8Array | undefined;

/** Bytes of FLV's file header and the tag size behind it (FLV 10.1, annex E.2 and E.3). */
const FLV_HEADER_BYTES = 13;

const NOTHING = new Uint8Array();

const RULES: Readonly<Record<Container, Rule>> = {
  // Runs of units that all say what they are: a decoder takes a new init anywhere.
  mpegts: initAgain,
  h264: initAgain,
  hevc: initAgain,
  mp3: initAgain,
  adts: initAgain,
  ac3: initAgain,
  flac: initAgain,
  mjpeg: initAgain,
  raw: initAgain,
  // A file header in the middle would be read as a tag of some megabytes; what follows it is taken.
  flv: (_, { init }) => init.subarray(FLV_HEADER_BYTES),
  ogg: chained,
  webm: sameSetupOr(initAgain),
  // Decoders keep the codec's private data of the first header.
  matroska: sameSetupOr(cannot),
  // Decoders drop a second moov, and every fragment whose decode time goes back.
  mp4: (before, after) =>
    (after.time ?? -Infinity) >= (before.time ?? 0)
      ? sameOr(cannot)(before, after)
      : undefined,
  // A header in the middle would be played as samples, or end the stream.
  wav: sameOr(cannot),
  y4m: sameOr(cannot),
};

/**
 * The bytes that lead from one broadcast into the next.
 *
 * @param before The broadcast that broke off, completed to the end of its unit.
 * @param after The one that takes its place, at the join point where it is entered.
 * @returns What to send before the join point's own prefix, or `undefined` when decoders cannot follow
 * and the watcher had better start anew.
 */
export function spliceLead(
  before: Spliced,
  after: Spliced,
): Uint8Array | undefined {
  const container = after.info?.container ?? "raw";
  if ((before.info?.container ?? "raw") !== container) return undefined;
  if (haveOtherCodecs(before, after)) return undefined;
  return RULES[container](before, after);
}

/** Whether the codecs are known to be others; sound that has not come yet hides those of all tracks. */
function haveOtherCodecs(before: Spliced, after: Spliced): boolean {
  const [old, now] = [codecFamilies(before), codecFamilies(after)];
  return old !== "" && now !== "" && old !== now;
}

/** `avc1.64001f,mp4a.40.2` → `avc1,mp4a`: profile and level may change, the codec may not. */
function codecFamilies({ info }: Spliced): string {
  return (info?.codecs ?? []).map((codec) => codec.split(".")[0]).join();
}

function initAgain(_: Spliced, { init }: Spliced): Uint8Array {
  return init;
}

function cannot(): undefined {
  return undefined;
}

function sameOr(other: Rule): Rule {
  return (before, after) =>
    equals(before.init, after.init) ? NOTHING : other(before, after);
}

/** For Matroska, whose headers are hardly ever equal as a whole. */
function sameSetupOr(other: Rule): Rule {
  return (before, after) => {
    const setup = decoderSetup(after.init);
    const same = setup !== "" && setup === decoderSetup(before.init);
    return same ? NOTHING : sameOr(other)(before, after);
  };
}

/** A chained Ogg stream is taken up when it is one stream, and not by Theora's decoders. */
function chained(_: Spliced, { info, init }: Spliced): Uint8Array | undefined {
  const [codec, ...others] = info?.codecs ?? [];
  return others.length > 0 || codec === "theora" ? undefined : init;
}
