const NOTHING: Uint8Array = new Uint8Array();

/** Bytes of a segment: large enough that a busy watcher's write is rarely cut, small enough to waste
 * little on a quiet channel. */
export const SEGMENT_BYTES: number = 256 * 1024;

/**
 * An append-only log of bytes in segments that are filled in place and never overwritten. Offsets
 * count from the log's first byte and only grow. Whoever holds a slice keeps its segment alive, also
 * after the log has dropped it.
 */
export class SegmentLog {
  readonly #maxBytes: number;
  #segments: Uint8Array<ArrayBuffer>[] = [];
  /** When each segment was begun. */
  #begun: number[] = [];
  /** Offset of the first byte of `#segments[0]`. */
  #first = 0;
  #last = 0;
  // Most watchers read the same slice, one after another: it is made once for all of them.
  #slice = NOTHING;
  #sliceFrom = 0;
  #sliceTo = 0;

  /**
   * Makes an empty log.
   *
   * @param maxBytes Bytes that are kept; whole segments are dropped from the tail beyond that.
   */
  constructor(maxBytes: number) {
    this.#maxBytes = Math.max(maxBytes, SEGMENT_BYTES);
  }

  /** Offset of the oldest byte that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Offset just behind the newest byte. */
  get last(): number {
    return this.#last;
  }

  /** When the oldest segment was begun, on the clock of who appends; `undefined` in an empty log. */
  get oldestAt(): number | undefined {
    return this.#begun[0];
  }

  /** Bytes of memory that the segments take. */
  get heldBytes(): number {
    return this.#segments.length * SEGMENT_BYTES;
  }

  /**
   * Copies bytes to the head, then drops from the tail what exceeds the cap.
   *
   * @param bytes Not kept.
   * @param now When it is, on any clock.
   */
  append(bytes: Uint8Array, now = 0): void {
    for (let at = 0; at < bytes.length;) {
      const used = (this.#last - this.#first) % SEGMENT_BYTES;
      if (used === 0) this.#begin(now);
      const part = bytes.subarray(at, at + SEGMENT_BYTES - used);
      this.#segments.at(-1)!.set(part, used);
      at += part.length;
      this.#last += part.length;
    }
    this.#trim();
  }

  /**
   * The largest slice that begins at an offset and lies in one segment.
   *
   * @param offset From `first` to `last`.
   * @returns A view that stays valid; empty at `last`.
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
   * rather than when garbage is collected. Slices of it are empty from then on; a write under way has
   * its own hold on the memory, which lasts until it is done.
   */
  freeOldest(): void {
    if (this.#segments.length < 2) return;
    // A buffer that is moved into one of no bytes lets its memory go.
    this.#dropOldest()?.buffer.transfer(0);
  }

  #begin(now: number): void {
    this.#segments.push(new Uint8Array(SEGMENT_BYTES));
    this.#begun.push(now);
  }

  /** Nothing is to keep a dropped segment alive. */
  #forgetSlice(): void {
    this.#slice = NOTHING;
    this.#sliceFrom = this.#sliceTo = -1;
  }

  #dropOldest(): Uint8Array<ArrayBuffer> | undefined {
    this.#begun.shift();
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
