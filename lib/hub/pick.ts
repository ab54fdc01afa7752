import type { Start } from "../wire/request.ts";
import type { Epoch } from "./epoch.ts";
import type { Join } from "./join_index.ts";

/** Picks the join point to begin at; `undefined`: there is none yet. */
export type Pick = (epoch: Epoch) => Join | undefined;

/**
 * What a watcher's wish picks.
 *
 * @param start The kind of place.
 * @param burst With `join`: seconds of media to begin with; 0: the newest join point.
 * @param last Offset of the log's head when the watcher came: `live` begins at or behind it.
 */
export function picker(start: Start, burst: number, last: number): Pick {
  if (start === "oldest") return oldestJoin;
  if (start === "live") return (epoch) => epoch.joins.atOrAfter(last);
  return burst > 0 ? (epoch) => epoch.back(burst) : newestJoin;
}

/** The newest join point. */
export function newestJoin(epoch: Epoch): Join | undefined {
  return epoch.joins.newest;
}

/** The oldest join point whose bytes are kept. */
export function oldestJoin(epoch: Epoch): Join | undefined {
  return epoch.joins.oldest;
}
