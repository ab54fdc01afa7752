import { Refusal } from "../errors.ts";
import { containerNamed } from "./detect/detect.ts";
import { detectingTracker } from "./detect/detecting_tracker.ts";
import { chunkTracker } from "./raw.ts";
import type { TrackerFactory } from "./tracker.ts";

/** What a broadcaster says of a stream. */
export interface StreamHints {
  /** Bytes of a chunk; 0: no set size. */
  readonly bufsize: number;
  /** The container's name, where given; `auto` detects it. */
  readonly format: string | undefined;
}

/**
 * The tracker for a broadcast: a set chunk size takes precedence, then the named container, then what
 * the first bytes look like.
 *
 * @throws {Refusal} `bad-request` for an unknown container.
 */
export function trackerFor({ bufsize, format }: StreamHints): TrackerFactory {
  if (bufsize > 0) return chunkTracker(bufsize);
  if (format === undefined || format.toLowerCase() === "auto") {
    return detectingTracker();
  }
  const container = containerNamed(format);
  if (!container) throw new Refusal("bad-request", "unknown format");
  return detectingTracker(container);
}
