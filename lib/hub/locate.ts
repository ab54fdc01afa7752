import type { Position } from "../wire/position.ts";
import type { Broadcast } from "./broadcast.ts";

/** A place in a channel's log. */
export interface Located {
  /** The broadcast that it belongs to. */
  readonly broadcast: Broadcast;
  /** Offset in the log. */
  readonly at: number;
}

/**
 * Finds a position: in a broadcast of this server, or in the one that the newest broadcast continues.
 *
 * @param broadcasts Of one channel, oldest first.
 * @returns The offset may be ahead of the newest byte; `undefined` when the broadcast is unknown.
 */
export function locate(
  { id, offset }: Position,
  broadcasts: readonly Broadcast[],
): Located | undefined {
  // A broadcast of another server that could not be followed without a gap is there twice.
  const same = broadcasts.filter((each) => each.id === id);
  const own = same.findLast(({ base, begin }) => base + offset >= begin) ??
    same.at(-1);
  if (own) return { broadcast: own, at: own.base + offset };
  const broadcast = broadcasts.at(-1);
  const { continues, base } = broadcast ?? {};
  if (!broadcast || base === undefined || !continues) return undefined;
  if (continues.id !== id || offset < continues.offset) return undefined;
  return { broadcast, at: base + offset - continues.offset };
}
