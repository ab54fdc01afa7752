import type { MemoryBudget } from "./memory/memory_budget.ts";

/** Bytes of the copies that replace views when memory is short, because views keep whole segments. */
const SHORT_COPY_BYTES = 16 * 1024;

/** Copies the first bytes of a slice, at most `limit`, to be sent while memory is short. */
export function shortCopy(bytes: Uint8Array, limit: number): Uint8Array {
  return bytes.slice(0, Math.min(limit, SHORT_COPY_BYTES));
}

/** What a sender sends: slices of a channel's log, one after the other. */
export interface SliceSource {
  /** The memory budget of all channels. */
  readonly memory: MemoryBudget;
  /** Whether a write may hold a slice that the log has dropped. */
  readonly holdsDropped: boolean;
  /** Whether the next bytes are for the decoder alone. */
  readonly givesLead: boolean;
  /** Offset in the log of the next byte; `undefined` before it starts. */
  readonly logOffset: number | undefined;
  /** How often decoding started. */
  readonly begun: number;
  /** The next bytes to send, `wait` when there is nothing yet, or `end` when nothing more will come. */
  next(): Uint8Array | "wait" | "end";
  /** Moves forward by `count` bytes of the last slice, which have been sent. */
  advance(count: number): void;
  /** Calls `wake` once, when `next` may return something else than `wait`. */
  park(wake: () => void): void;
  /** Cancels a {@linkcode SliceSource.park}. */
  unpark(wake: () => void): void;
}
