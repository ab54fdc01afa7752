import type { Broadcast } from "./broadcast.ts";

/** Broadcasts that a channel remembers: one whose encoder restarts every second has those of a minute. */
const MAX_PAST_BROADCASTS = 64;

/** Whether the oldest of these is no longer worth remembering: nothing of it can be joined, or there are too many. */
export function isForgotten(past: readonly Broadcast[]): boolean {
  const [oldest] = past;
  return oldest !== undefined &&
    (past.length > MAX_PAST_BROADCASTS || !oldest.joins.newest);
}
