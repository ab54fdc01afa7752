import type { SpliceRule } from "./splice_rules.ts";
import type { TrackerFactory } from "./tracker.ts";

/** `more`: depends on further bytes; `likely`: yes, unless further bytes say no. */
export type Verdict = "yes" | "no" | "more" | "likely";

/** Tells whether the first bytes of a stream can be those of a container. */
export type Signature = (head: Uint8Array) => Verdict;

/** A container format: everything that is known of it, in one row of the detection table. */
export interface ContainerFormat {
  /** Its name in {@linkcode MediaInfo.container} and in the `format` key of a request. */
  readonly name: string;
  /** Further names that users know it by, ffmpeg's names and file suffixes among them. */
  readonly aliases: readonly string[];
  /** What the first bytes look like. */
  readonly signature: Signature;
  /** Makes the tracker of one broadcast. */
  readonly tracker: TrackerFactory;
  /** How a running decoder is taken from one broadcast to the next. */
  readonly splice: SpliceRule;
}
