import type { Broadcast } from "./broadcast.ts";
import type { SegmentLog } from "./segment_log.ts";

/**
 * Zero bytes that complete the unit in which a broadcast broke off, at most: a fragment of four seconds
 * at 8 Mbit/s. Without them decoders would take what follows, the next broadcast's init segment and
 * first key frame, for the rest of that unit. Watchers must not lag because of it, so it is also limited
 * to half of the backlog.
 */
const MAX_PADDING_BYTES = 4 * 1024 * 1024;

/** Appends zeros to the log until the last unit of a broadcast that broke off is complete, unless too many are missing. */
export function padLastUnit(
  broadcast: Broadcast,
  log: SegmentLog,
  maxBytes: number,
): void {
  const missing = broadcast.missingBytes;
  if (missing === 0 || missing > Math.min(MAX_PADDING_BYTES, maxBytes)) return;
  broadcast.mediaEnd = log.last;
  log.append(new Uint8Array(missing));
}
