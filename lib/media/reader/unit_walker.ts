/**
 * Goes from unit to unit of a stream that comes in chunks, without copying payload: only the head
 * of a unit that a chunk's end cuts is gathered.
 *
 * @module
 */

/**
 * Bytes without a single unit after which a tracker gives up: what a 1 Mbit/s stream carries in
 * 8 s, far more than any frame of the formats that are searched for their frames.
 */
export const GIVE_UP_BYTES: number = 1024 * 1024;

/** Bytes that are gathered at a time; the heads of most units fit at once. */
const GATHER_BYTES = 64;

/**
 * Looks at the unit that starts at `bytes[at]`; there is at least one byte.
 *
 * @returns The bytes to go on by, at least 1 and beyond the end of `bytes` where the unit is longer,
 * or 0 when more of the unit has to be there first. The decision must not depend on bytes that
 * happen to be there beyond those it needs, or the chunking would show.
 */
export type VisitUnit = (bytes: Uint8Array, at: number) => number;

/** Goes from unit to unit of a chunked stream; see the module. */
export class UnitWalker {
  readonly #visit: VisitUnit;
  readonly #headBytes: number;
  #buffer: Uint8Array = new Uint8Array(GATHER_BYTES);
  #length = 0;
  #skip = 0;
  #offset = 0;
  #pushed = 0;
  #stopped = false;

  /**
   * Begins at the stream's first byte.
   *
   * @param visit Called at every unit's start.
   * @param headBytes Bytes of the shortest head of a unit, which a cut head is completed to.
   */
  constructor(visit: VisitUnit, headBytes: number) {
    this.#visit = visit;
    this.#headBytes = headBytes;
  }

  /** Bytes from the stream's first byte to the unit that is being visited. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of the stream in all that have been pushed. */
  get pushed(): number {
    return this.#pushed;
  }

  /** The cut head that is being gathered; empty when there is none. Valid until the next push. */
  get held(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Bytes of memory set aside for a cut head. */
  get heldBytes(): number {
    return this.#buffer.length;
  }

  /** Bytes that the unit at the end lacks, as far as its head tells. */
  get missingBytes(): number {
    if (this.#stopped) return 0;
    if (this.#length === 0) return this.#skip;
    return Math.max(0, this.#headBytes - this.#length);
  }

  /**
   * The step of a search, for {@linkcode VisitUnit}. It halts where the search is to be given up, so
   * that this is the same place in any chunking.
   *
   * @param bytes The bytes that are searched.
   * @param at Where the search stands in them.
   * @param next Where the next unit may start; -1: nowhere in these bytes.
   * @param limit Bytes from the stream's first byte to where the search is given up.
   */
  searchStep(
    bytes: Uint8Array,
    at: number,
    next: number,
    limit: number,
  ): number {
    const step = (next < 0 ? bytes.length : next) - at;
    const room = limit - this.#offset;
    return room > 0 ? Math.min(step, room) : step;
  }

  /** Visits nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Visits the units that start in the next bytes of the stream. */
  push(chunk: Uint8Array): void {
    const base = this.#pushed;
    this.#pushed += chunk.length;
    if (this.#stopped) return;
    let at = this.#skip;
    while (this.#length > 0 && at < chunk.length) {
      at = this.#gather(chunk, at);
    }
    while (at < chunk.length && !this.#stopped) {
      this.#offset = base + at;
      const step = this.#visit(chunk, at);
      if (step === 0) {
        this.#hold(chunk.subarray(at));
        at = chunk.length;
      }
      at += step;
    }
    this.#skip = Math.max(0, at - chunk.length);
  }

  /** Adds some of `chunk` to the cut head and visits it; returns where in `chunk` to go on. */
  #gather(chunk: Uint8Array, at: number): number {
    const more = chunk.subarray(at, at + Math.max(GATHER_BYTES, this.#length));
    const old = this.#length;
    this.#offset = this.#pushed - chunk.length + at - old;
    this.#hold(more);
    let gone = 0;
    while (gone < old) {
      const step = this.#stopped
        ? old
        : this.#visit(this.#buffer.subarray(0, this.#length), gone);
      if (step === 0) {
        this.#drop(gone);
        return at + more.length;
      }
      gone += step;
      this.#offset += step;
    }
    // The next unit starts in the chunk itself, or beyond it.
    this.#length = 0;
    return at + gone - old;
  }

  #hold(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      larger.set(this.held);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  #drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}
