/** Bytes of one access unit at most; 4K at 50 Mbit/s stays below. */
const MAX_UNIT_BYTES = 8 * 1024 * 1024;

/** NAL unit types (ISO/IEC 14496-10, table 7-1). */
const NAL = { SLICE: 1, IDR: 5, SEI: 6, SPS: 7, PPS: 8, DELIMITER: 9 };

/**
 * @typedef {object} AccessUnit
 * @property {Uint8Array<ArrayBuffer>} bytes With start codes.
 * @property {boolean} isKey Whether decoding can start here.
 */

/** Splits a raw H.264 stream into access units (ISO/IEC 14496-10, annex B and 7.4.1.2.3). */
export class AccessUnits {
  #onUnit;
  #bytes = new Uint8Array(64 * 1024);
  #length = 0;
  #scanned = 0;
  #unitStart = 0;
  #hasPicture = false;
  #isKey = false;

  /** @param {(unit: AccessUnit) => void} onUnit */
  constructor(onUnit) {
    this.#onUnit = onUnit;
  }

  /** @param {Uint8Array} bytes A chunk of any length. */
  push(bytes) {
    this.#append(bytes);
    // The byte after the NAL header tells whether a slice is the first of its picture.
    while (this.#scanned + 5 <= this.#length) {
      const at = this.#bytes.subarray(0, this.#length - 4).indexOf(
        1,
        this.#scanned + 2,
      );
      if (at < 0) {
        this.#scanned = Math.max(this.#scanned, this.#length - 6);
        break;
      }
      if (this.#bytes[at - 1] === 0 && this.#bytes[at - 2] === 0) this.#nal(at);
      this.#scanned = at - 1;
    }
    this.#compact();
  }

  /** @param {number} at Where the NAL unit's start code ends. */
  #nal(at) {
    const [header = 0, next = 0] = this.#bytes.subarray(at + 1, at + 3);
    const type = header & 0x1f;
    const isSlice = type >= NAL.SLICE && type <= NAL.IDR;
    const isFirst = isSlice && (next & 0x80) !== 0;
    const isBefore = type >= NAL.SEI && type <= NAL.DELIMITER;
    if (this.#hasPicture && (isFirst || isBefore)) this.#cut(at);
    this.#hasPicture ||= isSlice;
    this.#isKey ||= type === NAL.IDR;
  }

  /** @param {number} at Where the start code of the next unit ends. */
  #cut(at) {
    // The first zero of a start code of four bytes belongs to the unit that it begins.
    const end = this.#bytes[at - 3] === 0 ? at - 3 : at - 2;
    this.#onUnit({
      bytes: this.#bytes.slice(this.#unitStart, end),
      isKey: this.#isKey,
    });
    this.#unitStart = end;
    this.#hasPicture = this.#isKey = false;
  }

  /** @param {Uint8Array} bytes */
  #append(bytes) {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }

  /** Drops what was emitted, and a unit that exceeds the limit. */
  #compact() {
    if (this.#length - this.#unitStart > MAX_UNIT_BYTES) {
      this.#unitStart = this.#length;
    }
    if (this.#unitStart === 0) return;
    this.#bytes.copyWithin(0, this.#unitStart, this.#length);
    this.#length -= this.#unitStart;
    this.#scanned = Math.max(0, this.#scanned - this.#unitStart);
    this.#unitStart = 0;
  }
}
