import type { Broadcast } from "./broadcast.ts";

/**
 * Zeros that complete a unit whose end is gone, at most: four seconds at 32 Mbit/s, the longest fragment
 * to expect. A watcher that misses more must reconnect.
 */
const MAX_FILLER_BYTES = 16 * 1024 * 1024;

const NOTHING = new Uint8Array();

/** What completes a unit whose end a watcher is not sent. */
export interface UnitCompletion {
  /** Zero bytes to send first. */
  readonly zeros: number;
  /** The last bytes of the unit, where decoders insist on them. */
  readonly tail: Uint8Array;
}

/**
 * Completes the unit in which a watcher leaves a broadcast, if a decoder would take what follows for the
 * rest of it.
 *
 * @param from Offset in the channel's log at which it leaves.
 * @returns `undefined` when the unit cannot be completed, so that the decoder cannot follow.
 */
export function completeUnit(
  broadcast: Broadcast,
  from: number,
): UnitCompletion | undefined {
  const { begin, boundaries, firstJoin = Infinity, end = Infinity } = broadcast;
  if (boundaries.isEmpty || from === begin) return { zeros: 0, tail: NOTHING };
  const missing = (boundaries.at(from) ?? end) - from;
  const inHeader = from < firstJoin && missing > 0 && !boundaries.isRegular;
  if (inHeader || missing > MAX_FILLER_BYTES) return undefined;
  const tail = boundaries.tailAt(from) ?? NOTHING;
  return {
    zeros: Math.max(0, missing - tail.length),
    tail: tail.subarray(Math.max(0, tail.length - missing)),
  };
}
