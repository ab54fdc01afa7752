/** The range of most continuation bytes. */
const CONTINUATION_MIN = 0x80;
const CONTINUATION_MAX = 0xbf;

/**
 * Checks UTF-8 piece by piece and finds the first wrong byte at once, which a `TextDecoder` per piece
 * could do only by making a string each time (RFC 3629 §4; the states of the WHATWG UTF-8 decoder).
 */
export class Utf8Validator {
  /** Continuation bytes that the sequence in progress still needs. */
  #needed = 0;
  /** Bounds of the next continuation byte; narrower behind E0, ED, F0 and F4. */
  #min = CONTINUATION_MIN;
  #max = CONTINUATION_MAX;

  /** Takes the next piece; tells whether all so far can be the beginning of valid UTF-8. */
  push(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.#needed > 0) {
        if (byte < this.#min || byte > this.#max) return false;
        this.#needed--;
        this.#min = CONTINUATION_MIN;
        this.#max = CONTINUATION_MAX;
      } else if (byte >= 0x80 && !this.#begin(byte)) return false;
    }
    return true;
  }

  /** Whether no sequence is in progress, so that the text may end here. */
  get complete(): boolean {
    return this.#needed === 0;
  }

  /** Begins a sequence of two to four bytes; tells whether this byte may. */
  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#needed = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    // Rules out overlong forms, surrogates and what lies above U+10FFFF.
    if (byte === 0xe0) this.#min = 0xa0;
    else if (byte === 0xed) this.#max = 0x9f;
    else if (byte === 0xf0) this.#min = 0x90;
    else if (byte === 0xf4) this.#max = 0x8f;
    return true;
  }
}
