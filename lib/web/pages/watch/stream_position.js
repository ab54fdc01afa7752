/**
 * @typedef {object} StreamPlace Where a stream begins, as the server says before it.
 * @property {string} [id] The broadcast's.
 * @property {number} [offset] Place in the broadcast of the first media byte.
 * @property {number} [lead] Bytes for the decoder alone that come before it.
 */

/**
 * Where a decoder is in a broadcast, so that a new connection can continue at the next byte. Counts whole messages: a
 * message that was cut off has not reached the decoder.
 */
export class StreamPosition {
  #id;
  #offset;
  #lead;

  /** @param {StreamPlace} place */
  constructor({ id, offset = NaN, lead = NaN }) {
    this.#id = id;
    this.#offset = offset;
    this.#lead = lead;
  }

  /** @param {number} bytes Length of what the decoder was given. */
  add(bytes) {
    const ofLead = Math.min(this.#lead, bytes);
    this.#lead -= ofLead;
    this.#offset += bytes - ofLead;
  }

  /**
   * `ID:OFFSET` for the key `resume`; `undefined` if the server told no position, or while the decoder has only a part
   * of its lead, of which nothing can be sent again.
   */
  get text() {
    const isKnown = this.#id !== undefined && !Number.isNaN(this.#offset);
    return isKnown && this.#lead === 0
      ? `${this.#id}:${this.#offset}`
      : undefined;
  }

  /**
   * Whether a stream begins exactly here, so that the same decoder can continue.
   *
   * @param {StreamPosition} stream
   */
  isContinuedBy(stream) {
    return stream.text !== undefined && stream.text === this.text;
  }
}
