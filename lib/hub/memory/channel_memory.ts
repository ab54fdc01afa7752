import {
  BACKLOG_FLOOR_BYTES,
  type MemoryBudget,
  type MemoryKind,
  SESSION_BYTES,
} from "./memory_budget.ts";
import { SEGMENT_BYTES, type SegmentLog } from "../segment_log.ts";

/** A reader that may hold what its channel's log has dropped. */
export interface SegmentHolder {
  /** Offset in the log of the slice that it may still hold. */
  readonly heldFrom: number | undefined;
}

/** Reports what one channel holds to the memory budget. */
export class ChannelMemory {
  readonly #budget: MemoryBudget;
  readonly #log: SegmentLog;
  readonly #reported: Partial<Record<MemoryKind, number>> = {};
  #floorBytes = BACKLOG_FLOOR_BYTES;

  /** Reports the floor of the channel's backlog, and its broadcaster. */
  constructor(budget: MemoryBudget, log: SegmentLog) {
    this.#budget = budget;
    this.#log = log;
    budget.changeFloors(this.#floorBytes);
    this.#report("session", SESSION_BYTES.broadcaster);
    this.#report("backlog", this.#floorBytes);
  }

  /**
   * Reports what the channel holds now.
   *
   * @param holders Its watchers.
   * @param trackerBytes What its tracker and join points hold.
   */
  account(holders: Iterable<SegmentHolder>, trackerBytes: number): void {
    // The floor is reserved from the start, so that there is always room for it.
    this.#report("backlog", Math.max(this.#log.heldBytes, this.#floorBytes));
    this.#report("unsent", this.#droppedBytes(holders));
    this.#report("tracker", trackerBytes);
  }

  /** Gives up the floor and the broadcaster of a channel that has ended. */
  end(): void {
    this.#budget.changeFloors(-this.#floorBytes);
    this.#floorBytes = 0;
    this.#report("session", 0);
  }

  /** Reports that the channel holds nothing any more. */
  release(): void {
    for (const kind of Object.keys(this.#reported) as MemoryKind[]) {
      this.#report(kind, 0);
    }
  }

  /** Bytes of segments that the log has dropped and a write in progress keeps, each counted once. */
  #droppedBytes(holders: Iterable<SegmentHolder>): number {
    const { first } = this.#log;
    const segments = new Set<number>();
    for (const { heldFrom } of holders) {
      if (heldFrom === undefined || heldFrom >= first) continue;
      segments.add(Math.floor(heldFrom / SEGMENT_BYTES));
    }
    return segments.size * SEGMENT_BYTES;
  }

  #report(kind: MemoryKind, bytes: number): void {
    const before = this.#reported[kind] ?? 0;
    if (bytes === before) return;
    this.#reported[kind] = bytes;
    this.#budget.change(kind, bytes - before);
  }
}
