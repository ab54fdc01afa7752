import { concat } from "@std/bytes";
import type { MediaSegment } from "../hls/media_segment.ts";
import type { Channel } from "./channel.ts";
import type { SegmentHolder } from "./memory/channel_memory.ts";
import type { MemoryBudget } from "./memory/memory_budget.ts";
import { shortCopy, type SliceSource } from "./slice_source.ts";

/** Reads a range of one HLS segment from a channel's log, without a copy. */
export class SegmentReader implements SliceSource, SegmentHolder {
  readonly givesLead = false;
  readonly begun = 0;
  /** Offset in the log of the last slice, as long as a write may hold it. */
  heldFrom: number | undefined;
  readonly #channel: Channel;
  #lead: Uint8Array;
  #offset: number;
  readonly #end: number;

  /**
   * Starts at the beginning of the range.
   *
   * @param from First byte of the segment, its lead included.
   * @param to Behind the last byte.
   */
  constructor(
    channel: Channel,
    segment: MediaSegment,
    from: number,
    to: number,
  ) {
    const lead = concat([...segment.lead]);
    const logStart = segment.start - lead.length;
    this.#channel = channel;
    this.#lead = lead.subarray(from, to);
    this.#offset = logStart + Math.max(from, lead.length);
    this.#end = logStart + to;
  }

  /** The memory budget of all channels. */
  get memory(): MemoryBudget {
    return this.#channel.memory;
  }

  /** Whether a write may hold a slice that the log has dropped. */
  get holdsDropped(): boolean {
    return (this.heldFrom ?? Infinity) < this.#channel.log.first;
  }

  /** Whether everything was read; otherwise the log has dropped the rest. */
  get isComplete(): boolean {
    return this.#lead.length === 0 && this.#offset >= this.#end;
  }

  /** The next bytes; `end` behind the last one, and when the log has dropped them. */
  next(): Uint8Array | "end" {
    if (this.#lead.length > 0) return this.#lead;
    const { log } = this.#channel;
    if (this.isComplete || this.#offset < log.first) return "end";
    const bytes = log.read(this.#offset);
    const limit = this.#end - this.#offset;
    if (this.memory.isShort) return shortCopy(bytes, limit);
    this.heldFrom = this.#offset;
    return bytes.subarray(0, limit);
  }

  /** Offset in the log of the next byte. */
  get logOffset(): number {
    return this.#offset;
  }

  /** Moves forward by `count` bytes of the last slice, which have been sent. */
  advance(count: number): void {
    this.heldFrom = undefined;
    this.#channel.totals.sentBytes += count;
    if (this.#lead.length > 0) this.#lead = this.#lead.subarray(count);
    else this.#offset += count;
  }

  /** Never needed: the bytes of a segment are there. */
  park(): void {}

  /** Never needed. */
  unpark(): void {}
}
