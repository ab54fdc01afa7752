import {
  BACKLOG_FLOOR_BYTES,
  type MemoryBudget,
  type MemoryKind,
  SESSION_BYTES,
} from "./memory_budget.ts";
import { SEGMENT_BYTES, type SegmentLog } from "./segment_log.ts";

/** A watcher, as far as it holds what its channel's log has dropped. */
export interface SegmentHolder {
  /** Offset in the log of the slice that it may still hold. */
  readonly heldFrom: number | undefined;
}

/** What one channel holds of the memory of all. */
export class ChannelMemory {
  readonly #budget: MemoryBudget;
  readonly #log: SegmentLog;
  readonly #told: Partial<Record<MemoryKind, number>> = {};

  /**
   * Counts a channel in, with the floor of its backlog and its broadcaster.
   *
   * @param budget What all may hold.
   * @param log The channel's bytes.
   */
  constructor(budget: MemoryBudget, log: SegmentLog) {
    this.#budget = budget;
    this.#log = log;
    this.#tell("session", SESSION_BYTES.broadcaster);
    this.#tell("backlog", BACKLOG_FLOOR_BYTES);
  }

  /**
   * Tells what the channel holds now.
   *
   * @param holders Its watchers.
   * @param trackerBytes What its trackers hold.
   */
  account(holders: Iterable<SegmentHolder>, trackerBytes: number): void {
    // The floor is the channel's own from the beginning, so that it never lacks room for it.
    this.#tell("backlog", Math.max(this.#log.heldBytes, BACKLOG_FLOOR_BYTES));
    this.#tell("unsent", this.#droppedBytes(holders));
    this.#tell("tracker", trackerBytes);
  }

  /** Counts the channel out. */
  release(): void {
    for (const kind of Object.keys(this.#told) as MemoryKind[]) {
      this.#tell(kind, 0);
    }
  }

  /** Segments that the log has dropped and that a write under way keeps, each counted once. */
  #droppedBytes(holders: Iterable<SegmentHolder>): number {
    const { first } = this.#log;
    const segments = new Set<number>();
    for (const { heldFrom } of holders) {
      if (heldFrom === undefined || heldFrom >= first) continue;
      // Segments lie in steps of their size below the first one that is kept.
      segments.add(Math.ceil((first - heldFrom) / SEGMENT_BYTES));
    }
    return segments.size * SEGMENT_BYTES;
  }

  #tell(kind: MemoryKind, bytes: number): void {
    const before = this.#told[kind] ?? 0;
    if (bytes === before) return;
    this.#told[kind] = bytes;
    this.#budget.change(kind, bytes - before);
  }
}
