/**
 * Packetised elementary streams (ISO/IEC 13818-1 2.4.3.6), which wrap pictures and sound in MPEG-TS.
 *
 * @module
 */

/** Bytes of a PES header up to the end of its DTS; the rest is not read. */
const HEAD_BYTES = 19;

/** Ticks of the clock of PTS and DTS in a second. */
export const TICKS_PER_SECOND = 90_000;

/** PTS and DTS are numbers of 33 bits. */
const CLOCK_WRAP: number = 2 ** 33;

/** Reads the packets of one elementary stream, fed with the payloads of its transport packets. */
export class PesReader {
  readonly #head = new Uint8Array(HEAD_BYTES);
  #filled = 0;
  #open = false;
  #ready = false;
  /** Bytes of the header that have not arrived. */
  #headerLeft = 0;
  #ticks: number | undefined;

  /** Whether a packet is open whose header is sound as far as it has been read. */
  get open(): boolean {
    return this.#open;
  }

  /** Whether the header has been read and is sound. */
  get ready(): boolean {
    return this.#ready;
  }

  /** DTS of the packet in ticks, PTS where it has no DTS, nothing where it has neither. */
  get ticks(): number | undefined {
    return this.#ticks;
  }

  /** The bytes of PTS and DTS in the header: 0, 5 or 10. */
  get stamps(): Uint8Array {
    const count = [0, 0, 5, 10][this.#head[7]! >> 6]!;
    return this.#head.slice(9, Math.min(9 + count, this.#filled));
  }

  /** Begins a packet, or closes the current one. */
  reset(open: boolean): void {
    this.#open = open;
    this.#ready = false;
    this.#filled = 0;
    this.#headerLeft = 0;
    this.#ticks = undefined;
  }

  /**
   * Reads the header's share of a transport packet's payload.
   *
   * @returns Where the payload of the PES packet begins; `to` when it does not begin here.
   */
  push(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    if (!this.#ready) {
      while (at < to && !this.#headComplete()) {
        this.#head[this.#filled++] = bytes[at++]!;
        if (this.#filled === 9) this.#headerLeft = this.#head[8]!;
        else if (this.#filled > 9) this.#headerLeft--;
      }
      if (!this.#headComplete()) return to;
      this.#readHead();
    }
    const skipped = Math.min(this.#headerLeft, to - at);
    this.#headerLeft -= skipped;
    return this.#open ? at + skipped : to;
  }

  /** Whether all that is read of the header is there. */
  #headComplete(): boolean {
    return this.#filled === HEAD_BYTES ||
      (this.#filled >= 9 && this.#headerLeft === 0);
  }

  #readHead(): void {
    const head = this.#head;
    const sound = head[0] === 0 && head[1] === 0 && head[2] === 1 &&
      (head[6]! & 0xc0) === 0x80;
    if (!sound) return this.reset(false);
    this.#ready = true;
    const flags = head[7]! >> 6;
    // The DTS follows the PTS, and grows evenly where pictures are reordered.
    if (flags === 3 && this.#filled >= 19) this.#ticks = readClock(head, 14);
    else if (flags >= 2 && this.#filled >= 14) this.#ticks = readClock(head, 9);
  }
}

/** Unwraps a clock of 33 bits. */
export class Unwrapper {
  #last: number | undefined;

  /**
   * Takes the next value.
   *
   * @param ticks 0 to 2^33 - 1.
   * @returns The value nearest to the last one that is the same modulo 2^33.
   */
  next(ticks: number): number {
    const last = this.#last ?? ticks;
    const delta = modulo(ticks - last + CLOCK_WRAP / 2) - CLOCK_WRAP / 2;
    this.#last = last + delta;
    return this.#last;
  }
}

function modulo(value: number): number {
  return ((value % CLOCK_WRAP) + CLOCK_WRAP) % CLOCK_WRAP;
}

/** Reads the 33 bits of a PTS or DTS, which marker bits interrupt. */
export function readClock(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! >> 1) & 7;
  const middle = ((bytes[at + 1]! << 8) | bytes[at + 2]!) >> 1;
  const low = ((bytes[at + 3]! << 8) | bytes[at + 4]!) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
