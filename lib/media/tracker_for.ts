import { Refusal } from "../errors.ts";
import { chunkTracker } from "./chunk_tracker.ts";
import { formatOf } from "./detect/detect.ts";
import { sniffingTracker } from "./detect/detecting_tracker.ts";
import type { TrackerFactory } from "./tracker.ts";

/** What a broadcaster says of his stream. */
export interface StreamHints {
  /** Bytes to a chunk; 0: no set size. */
  readonly bufsize: number;
  /** The container's name, where he gave it. */
  readonly format: string | undefined;
}

/**
 * The tracker for a broadcast: a set chunk size rules, then the named container, then what the first
 * bytes look like.
 *
 * @throws {Refusal} `bad-request` for a container that nobody knows.
 */
export function trackerFor({ bufsize, format }: StreamHints): TrackerFactory {
  if (bufsize > 0) return chunkTracker(bufsize);
  if (format === undefined) return sniffingTracker("auto");
  const container = formatOf(format);
  if (!container) throw new Refusal("bad-request", "unknown format");
  return sniffingTracker(container);
}
