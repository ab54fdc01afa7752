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
  const located = own && { broadcast: own, at: own.base + offset };
  // A watcher of the server that received it may have more of it than this one.
  const { end = Infinity, mediaEnd = Infinity } = own ?? {};
  if (located && located.at <= Math.min(end, mediaEnd)) return located;
  const broadcast = broadcasts.at(-1);
  const { continues, base } = broadcast ?? {};
  const isContinued = broadcast && base !== undefined &&
    continues?.id === id && offset >= continues.offset;
  if (!isContinued) return located;
  return { broadcast, at: base + offset - continues.offset };
}

/**
 * Where a watcher that has received a broadcast up to an offset of the log moves on to the next one, if that continues
 * it: at the same byte of the same stream, so that nothing comes twice.
 *
 * @returns The offset in the log, which may be ahead of the newest byte.
 */
export function continuation(
  { id, base, end = Infinity, mediaEnd, next }: Broadcast,
  offset: number,
): number | undefined {
  const last = Math.min(end, mediaEnd);
  if (!next?.continues || next.id === id || offset < last) return undefined;
  const placeOf = (had: number): number | undefined => {
    const { at = -Infinity } = locate({ id, offset: had - base }, [next]) ?? {};
    return at >= next.begin ? at : undefined;
  };
  // Between the last byte and the end are zeros for those that cannot continue at it; others there are ahead.
  const isAhead = offset > end || placeOf(last) !== undefined;
  return isAhead ? placeOf(offset) : undefined;
}
