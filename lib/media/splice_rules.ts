/**
 * What a running decoder needs between a broadcast that broke off and the one that replaces it. Each
 * rule is what decoders were observed to do; the tests repeat it with real decoders.
 *
 * @module
 */
import { equals } from "@std/bytes";
import type { MediaInfo } from "./tracker.ts";

/** A broadcast as its tracker described it. */
export interface Spliced {
  /** What it carries; `undefined` while unknown. */
  readonly info: MediaInfo | undefined;
  /** The init segment in force where it breaks off, or where it is joined. */
  readonly init: Uint8Array;
  /** Seconds on its own clock there, where it has one. */
  readonly time: number | undefined;
}

/**
 * The bytes to send before the join point; `undefined` when decoders cannot follow. `before` ends at a
 * unit boundary, `after` is entered at a join point.
 */
export type SpliceRule = (
  before: Spliced,
  after: Spliced,
) => Uint8Array | undefined;

const NOTHING = new Uint8Array();

/** For runs of self-describing units: a decoder takes a new init segment anywhere. */
export function sendInit(_: Spliced, { init }: Spliced): Uint8Array {
  return init;
}

/** For containers whose second header ends the stream, or is played as media. */
export function cannotFollow(): undefined {
  return undefined;
}

/** Sends nothing where both init segments are equal, and applies `otherwise` where they are not. */
export function unlessSameInit(otherwise: SpliceRule): SpliceRule {
  return (before, after) =>
    equals(before.init, after.init) ? NOTHING : otherwise(before, after);
}
