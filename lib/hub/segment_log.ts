import { ArrivalTimes } from "./arrival_times.ts";

const NOTHING: Uint8Array = new Uint8Array();

/**
 * Bytes of a segment: large enough that writes to a busy watcher are rarely split, small enough that a
 * quiet channel wastes little.
 */
export const SEGMENT_BYTES: number = 256 * 1024;

/**
 * An append-only log of bytes in segments that are filled in place and never overwritten. Offsets
 * count from the log's first byte. A slice keeps its segment alive, also after the log dropped it.
 */
export class SegmentLog {
  readonly #maxBytes: number;
  #segments: Uint8Array<ArrayBuffer>[] = [];
  readonly #times = new ArrivalTimes();
  /** When each segment was started. */
  #startedAt: number[] = [];
  /** Offset of the first byte of `#segments[0]`. */
  #first = 0;
  #last = 0;
  // Most watchers read the same slice, one after another, so it is created once for all of them.
  #slice = NOTHING;
  #sliceFrom = 0;
  #sliceTo = 0;

  /** Creates an empty log, which drops whole segments from its tail beyond `maxBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = Math.max(maxBytes, SEGMENT_BYTES);
  }

  /** Offset of the oldest byte that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Offset behind the newest byte. */
  get last(): number {
    return this.#last;
  }

  /** When the oldest segment was started, on the clock of `append`; `undefined` in an empty log. */
  get oldestAt(): number | undefined {
    return this.#startedAt[0];
  }

  /** Bytes of memory that the segments occupy. */
  get heldBytes(): number {
    return this.#segments.length * SEGMENT_BYTES;
  }

  /** Copies bytes to the head at time `now`, then drops from the tail what exceeds the cap. */
  append(bytes: Uint8Array, now = 0): void {
    this.#times.arrived(this.#last, now);
    for (let at = 0; at < bytes.length;) {
      const used = (this.#last - this.#first) % SEGMENT_BYTES;
      if (used === 0) this.#startSegment(now);
      const part = bytes.subarray(at, at + SEGMENT_BYTES - used);
      this.#segments.at(-1)!.set(part, used);
      at += part.length;
      this.#last += part.length;
    }
    this.#trim();
  }

  /** Milliseconds since the byte at an offset was appended; 0 for a byte that has not been. */
  ageOf(offset: number, now: number): number {
    return offset < this.#last ? this.#times.age(offset, now) : 0;
  }

  /** Offset of the first byte that was appended at or after a time; the end of the log if none was. */
  arrivedSince(time: number): number {
    return this.#times.since(time) ?? this.#last;
  }

  /**
   * The largest slice that starts at an offset and lies in one segment, as a view that stays valid.
   *
   * @param offset From `first` to `last`; at `last` the slice is empty.
   * @throws {RangeError} when the log does not hold that offset.
   */
  read(offset: number): Uint8Array {
    if (offset === this.#sliceFrom && this.#last === this.#sliceTo) {
      return this.#slice;
    }
    if (offset < this.#first || offset > this.#last) {
      throw new RangeError(
        `Cannot read at offset ${offset}: the log holds ${this.#first} to ${this.#last}`,
      );
    }
    const index = Math.floor((offset - this.#first) / SEGMENT_BYTES);
    const segment = this.#segments[index];
    if (!segment) return NOTHING;
    const base = this.#first + index * SEGMENT_BYTES;
    this.#slice = segment.subarray(
      offset - base,
      Math.min(this.#last - base, SEGMENT_BYTES),
    );
    this.#sliceFrom = offset;
    this.#sliceTo = this.#last;
    return this.#slice;
  }

  /**
   * Drops the oldest segment, unless it is the one that is being filled, and frees its memory at once
   * rather than at the next garbage collection. Slices of it become empty; a write in progress keeps
   * the memory until it is done.
   */
  freeOldest(): void {
    if (this.#segments.length < 2) return;
    // Transferring a buffer into one of no bytes frees its memory.
    this.#dropOldest()?.buffer.transfer(0);
  }

  /** Drops everything, and frees its memory like {@linkcode SegmentLog.freeOldest}. */
  clear(): void {
    this.#forgetSlice();
    for (const { buffer } of this.#segments) buffer.transfer(0);
    this.#segments = [];
    this.#startedAt = [];
    this.#first = this.#last;
  }

  #startSegment(now: number): void {
    this.#segments.push(new Uint8Array(SEGMENT_BYTES));
    this.#startedAt.push(now);
  }

  /** The cached slice must not keep a dropped segment alive. */
  #forgetSlice(): void {
    this.#slice = NOTHING;
    this.#sliceFrom = this.#sliceTo = -1;
  }

  #dropOldest(): Uint8Array<ArrayBuffer> | undefined {
    this.#startedAt.shift();
    this.#first += SEGMENT_BYTES;
    if (this.#sliceFrom < this.#first) this.#forgetSlice();
    return this.#segments.shift();
  }

  #trim(): void {
    while (
      this.#last - this.#first > this.#maxBytes && this.#segments.length > 1
    ) {
      this.#dropOldest();
    }
  }
}
