/**
 * Reads bits, most significant first, as the headers of MPEG and ITU codecs are written.
 *
 * @module
 */

/** Longest prefix of zero bits in an Exp-Golomb code: values are below 2^32. */
const MAX_GOLOMB_ZEROS = 32;

/** Reads bits of a byte array. Beyond its end every bit is 0, and `overrun` is set. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #overrun = false;

  /** Begins at byte `from`. */
  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = bytes;
    this.#at = from * 8;
  }

  /** Whether more bits were requested than there are. */
  get overrun(): boolean {
    return this.#overrun;
  }

  /** Bits read or skipped so far, from the start of the array. */
  get position(): number {
    return this.#at;
  }

  /**
   * Reads an unsigned number.
   *
   * @param count Bits, 0 to 32.
   */
  read(count: number): number {
    let value = 0;
    // Multiplied, not shifted: a shift would turn the 32nd bit into a sign.
    for (let i = 0; i < count; i++) value = value * 2 + this.#bit();
    return value;
  }

  /** Reads one bit as a flag. */
  flag(): boolean {
    return this.#bit() === 1;
  }

  /** Skips `count` bits. */
  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length * 8) this.#overrun = true;
  }

  /** Reads an unsigned Exp-Golomb code (H.264 9.1); 0 with `overrun` when it is too long. */
  ue(): number {
    let zeros = 0;
    while (this.#bit() === 0) {
      if (++zeros > MAX_GOLOMB_ZEROS || this.#overrun) {
        this.#overrun = true;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Reads a signed Exp-Golomb code (H.264 9.1.1). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }

  #bit(): number {
    const byte = this.#bytes[this.#at >>> 3];
    if (byte === undefined) {
      this.#overrun = true;
      return 0;
    }
    const bit = (byte >>> (7 - (this.#at & 7))) & 1;
    this.#at++;
    return bit;
  }
}
