import type { Start } from "../wire/request.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Join } from "./join_index.ts";

/** Finds the join point to start at; `undefined` when there is none yet. */
export type FindStart = (broadcast: Broadcast) => Join | undefined;

/**
 * Turns what a watcher asked for into the way its start is found.
 *
 * @param burst With `join`: seconds of media to send at once; 0 for the newest join point.
 * @param last Offset of the log's head when the watcher came: `live` starts at or behind it.
 */
export function startFinder(
  start: Start,
  burst: number,
  last: number,
): FindStart {
  if (start === "oldest") return oldestJoin;
  if (start === "live") return (broadcast) => broadcast.joins.atOrAfter(last);
  return burst > 0 ? (broadcast) => broadcast.back(burst) : newestJoin;
}

/** The newest join point. */
export function newestJoin(broadcast: Broadcast): Join | undefined {
  return broadcast.joins.newest;
}

/** The oldest join point whose bytes are kept. */
export function oldestJoin(broadcast: Broadcast): Join | undefined {
  return broadcast.joins.oldest;
}

/** Milliseconds in which watchers of a server that was restarted come back. */
const NEW_MS = 30_000;

/**
 * Whether a broadcast began so shortly ago that watchers who come from an unknown one should be sent all of it, since
 * the server may have been restarted in between.
 */
export function isNew(
  { now, liveSince }: { now: () => number; liveSince: number },
): boolean {
  return now() - liveSince < NEW_MS;
}
