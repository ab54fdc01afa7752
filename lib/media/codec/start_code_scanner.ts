/**
 * The byte stream format of MPEG and ITU video: units that begin with the start code 00 00 01
 * (H.264 annex B, H.265 annex B, ISO/IEC 13818-2 6.2.1).
 *
 * @module
 */

/** A unit that was found. */
export interface FoundUnit {
  /** Where its start code begins, the leading zero byte of a four-byte code included. */
  readonly offset: number;
  /** Its first bytes, header included: as many as were wanted, or all there are. Read at once. */
  readonly head: Uint8Array;
  /** Whether `head` is all of it. */
  readonly whole: boolean;
}

/** Who is told of the units. */
export interface UnitSink {
  /**
   * How many bytes of a unit are wanted, the header included.
   *
   * @param header The byte after the start code.
   * @returns Bytes, 1 to {@linkcode MAX_HEAD_BYTES}.
   */
  wanted(header: number): number;
  /** A unit of which the wanted bytes have gone by, or which ended before. */
  unit(found: FoundUnit): void;
}

/**
 * Bytes of a unit that may be gathered: parameter sets are below 200 bytes in practice, with
 * scaling lists and VUI below 1 KiB.
 */
export const MAX_HEAD_BYTES = 4096;

/**
 * Finds units by their start codes and gathers the first bytes of each. Nothing is held of the rest,
 * and what is found depends on the bytes alone, not on how they are cut.
 */
export class StartCodeScanner {
  readonly #sink: UnitSink;
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  #filled = 0;
  #wanted = 0;
  #unitOffset = 0;
  /** Zero bytes that the bytes so far end in; three are as good as more. */
  #zeros = 0;

  /** Tells `sink` of the units. */
  constructor(sink: UnitSink) {
    this.#sink = sink;
  }

  /** Bytes held of the unit under way. */
  get heldBytes(): number {
    return this.#filled;
  }

  /** Forgets the unit under way, as after a gap. */
  reset(): void {
    this.#filled = 0;
    this.#wanted = 0;
    this.#zeros = 0;
  }

  /** The bytes end here, so the unit under way is as long as it will be. */
  end(): void {
    this.#finish();
    this.reset();
  }

  /**
   * Looks at the next bytes.
   *
   * @param bytes Where they lie.
   * @param from The first.
   * @param to Behind the last.
   * @param offset Where the first lies in the stream.
   */
  push(bytes: Uint8Array, from: number, to: number, offset: number): void {
    let at = from;
    while (at < to) {
      const one = this.#findOne(bytes, at, to);
      if (this.#wanted > 0) this.#gather(bytes, at, Math.min(one, to));
      if (one >= to) {
        this.#zeros = this.#zerosBefore(bytes, at, to);
        return;
      }
      const zeros = this.#zerosBefore(bytes, at, one);
      this.#finish();
      this.#unitOffset = offset + one - from - zeros;
      this.#zeros = 0;
      this.#wanted = 1;
      at = one + 1;
    }
  }

  /** Finds the 01 of the next start code, whose zeros may lie before `from`; else gives `to`. */
  #findOne(bytes: Uint8Array, from: number, to: number): number {
    if (this.#zeros >= 2 && bytes[from] === 1) return from;
    if (
      this.#zeros >= 1 && bytes[from] === 0 && from + 1 < to &&
      bytes[from + 1] === 1
    ) return from + 1;
    // A byte above 1 is in no start code, so the two behind it cannot be its 01 either.
    for (let at = from + 2; at < to;) {
      const byte = bytes[at]!;
      if (byte > 1) at += 3;
      else if (byte === 0) at++;
      else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at;
      else at += 3;
    }
    return to;
  }

  /** Zero bytes, at most 3, before `at`; those before `from` are remembered. */
  #zerosBefore(bytes: Uint8Array, from: number, at: number): number {
    let zeros = 0;
    while (zeros < 3 && at - zeros > from) {
      if (bytes[at - zeros - 1] !== 0) return zeros;
      zeros++;
    }
    return Math.min(3, zeros + this.#zeros);
  }

  #gather(bytes: Uint8Array, from: number, to: number): void {
    if (from >= to) return;
    if (this.#filled === 0) this.#wanted = this.#wantedOf(bytes[from]!);
    const taken = Math.min(to - from, this.#wanted - this.#filled);
    // Heads are a few bytes: a loop is quicker than a view and a copy of it.
    for (let i = 0; i < taken; i++) {
      this.#head[this.#filled++] = bytes[from + i]!;
    }
    if (this.#filled === this.#wanted) this.#emit(this.#filled, false);
  }

  #wantedOf(header: number): number {
    return Math.max(1, Math.min(MAX_HEAD_BYTES, this.#sink.wanted(header)));
  }

  /** The unit under way ends: what was gathered of it, less trailing zeros, is all of it. */
  #finish(): void {
    if (this.#wanted === 0 || this.#filled === 0) return;
    let length = this.#filled;
    while (length > 1 && this.#head[length - 1] === 0) length--;
    this.#emit(length, true);
  }

  #emit(length: number, whole: boolean): void {
    this.#wanted = 0;
    this.#filled = 0;
    const head = this.#head.subarray(0, length);
    this.#sink.unit({ offset: this.#unitOffset, head, whole });
  }
}
