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
  /** Its first bytes, header included: as many as were wanted, or all. Valid during the call. */
  readonly head: Uint8Array;
  /** Whether `head` is all of it. */
  readonly whole: boolean;
}

/** Where a scanner reports to. */
export interface UnitSink {
  /**
   * How many bytes of a unit are wanted, the header included.
   *
   * @param header The byte after the start code.
   * @returns Bytes, 1 to {@linkcode MAX_HEAD_BYTES}.
   */
  wanted(header: number): number;
  /** A unit whose wanted bytes have arrived, or that ended before. */
  unit(found: FoundUnit): void;
}

/**
 * Bytes of a unit that may be gathered: parameter sets are below 200 bytes in practice, with
 * scaling lists and VUI below 1 KiB.
 */
export const MAX_HEAD_BYTES = 4096;

/**
 * Finds units by their start codes and gathers the first bytes of each. It holds nothing of the rest,
 * and the result does not depend on how the bytes are cut.
 */
export class StartCodeScanner {
  readonly #sink: UnitSink;
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  #filled = 0;
  #wanted = 0;
  #unitOffset = 0;
  /** Trailing zero bytes so far; more than three make no difference. */
  #zeros = 0;

  /** Reports to `sink`. */
  constructor(sink: UnitSink) {
    this.#sink = sink;
  }

  /** Bytes held of the current unit. */
  get heldBytes(): number {
    return this.#filled;
  }

  /** Abandons the current unit, as after a gap. */
  reset(): void {
    this.#filled = 0;
    this.#wanted = 0;
    this.#zeros = 0;
  }

  /** The bytes end here, and with them the current unit. */
  end(): void {
    this.#finish();
    this.reset();
  }

  /**
   * Looks at the next bytes.
   *
   * @param from Index of the first.
   * @param to Index behind the last.
   * @param offset Bytes from the stream's first byte to the first of these.
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

  /** Index of the 01 of the next start code, whose zeros may precede `from`; else `to`. */
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

  /** Zero bytes before `at`, at most 3, those of earlier calls included. */
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
    // Heads are a few bytes: a loop is faster than a view and a copy of it.
    for (let i = 0; i < taken; i++) {
      this.#head[this.#filled++] = bytes[from + i]!;
    }
    if (this.#filled === this.#wanted) this.#emit(this.#filled, false);
  }

  #wantedOf(header: number): number {
    return Math.max(1, Math.min(MAX_HEAD_BYTES, this.#sink.wanted(header)));
  }

  /** The current unit ends: what was gathered, less trailing zeros, is all of it. */
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
