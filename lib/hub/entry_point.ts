import { concat } from "@std/bytes";
import type { Entry } from "./broadcast.ts";
import type { Channel } from "./channel.ts";

/**
 * Where another server enters the newest broadcast of a channel, so that its watchers find the same join points as
 * the watchers here.
 *
 * @param least Offset in the broadcast, at or behind which it is entered. At 0 that is the first byte, as long as it
 *     is kept; otherwise the oldest join point or, if there is none, what arrives next.
 */
export function entryOf(
  { log, broadcast }: Channel,
  least: number,
): Entry {
  const { id, base, begin, joins, primed, init } = broadcast;
  if (least === 0 && begin === base && log.first <= base) {
    return { id, from: 0, lead: primed, isJoin: false };
  }
  const join = joins.atOrAfter(Math.max(base + least, log.first));
  if (!join) {
    const from = Math.max(least, log.last - base);
    return { id, from, lead: init, isJoin: false };
  }
  const lead = concat([join.init, join.prefix ?? new Uint8Array()]);
  return { id, from: join.offset - base, lead, isJoin: true };
}
