/** Bytes kept ready for headers that a chunk's end cuts; a larger buffer is released after use. */
const SMALL_BYTES = 64;

const NOTHING = new Uint8Array();

/**
 * Reads headers from a stream that arrives in chunks, and skips payload without touching it. Bytes are
 * looked at in the chunk itself; only what is requested and cut by the chunk's end is copied.
 */
export class PeekReader {
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  #held = new Uint8Array(SMALL_BYTES);
  #heldLength = 0;
  #skipping = 0;
  #offset = 0;

  /** Bytes from the stream's first byte to the next one to be read, which may not have arrived yet. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that were skipped but have not arrived yet. */
  get skipping(): number {
    return this.#skipping;
  }

  /** The bytes that wait for the rest of what was requested; valid until the next call. */
  get held(): Uint8Array {
    return this.#held.subarray(0, this.#heldLength);
  }

  /** Bytes allocated for held bytes. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Takes the next chunk; the one before must have been read to its end. */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = Math.min(this.#skipping, chunk.length);
    this.#skipping -= this.#at;
  }

  /** Releases the chunk. */
  release(): void {
    this.#chunk = NOTHING;
    this.#at = 0;
  }

  /**
   * Whether the next `length` bytes have arrived; then they are in {@linkcode PeekReader.bytes} from
   * {@linkcode PeekReader.at} on, until the next call. For small units, where a view of each would cost
   * more than what is read from it.
   */
  has(length: number): boolean {
    if (this.#heldLength === 0 && this.#at + length <= this.#chunk.length) {
      return true;
    }
    this.#gather(length);
    return this.#heldLength >= length;
  }

  /** The array that contains the next bytes. */
  get bytes(): Uint8Array {
    return this.#heldLength > 0 ? this.held : this.#chunk;
  }

  /** Index in {@linkcode PeekReader.bytes} of the next byte. */
  get at(): number {
    return this.#heldLength > 0 ? 0 : this.#at;
  }

  /**
   * Looks at the next `length` bytes without skipping them.
   *
   * @returns A view that is valid until the next call, or nothing when they have not all arrived;
   * then all that has arrived is held.
   */
  peek(length: number): Uint8Array | undefined {
    if (!this.has(length)) return undefined;
    return this.bytes.subarray(this.at, this.at + length);
  }

  /** Skips `length` bytes, whether they have arrived or not. */
  skip(length: number): void {
    this.#offset += length;
    const fromHeld = Math.min(length, this.#heldLength);
    if (fromHeld > 0) this.#drop(fromHeld);
    const fromChunk = Math.min(
      length - fromHeld,
      this.#chunk.length - this.#at,
    );
    this.#at += fromChunk;
    this.#skipping += length - fromHeld - fromChunk;
  }

  /**
   * Moves to the next place that `accept` accepts.
   *
   * @param width Bytes that `accept` looks at.
   * @param accept Whether the search ends at this index.
   * @returns Whether it was found; if not, the last `width - 1` bytes are held.
   */
  seek(
    width: number,
    accept: (bytes: Uint8Array, at: number) => boolean,
  ): boolean {
    // Bytes held from the previous chunk are few, and are skipped one by one until none is held.
    while (this.#heldLength > 0) {
      const window = this.peek(width);
      if (!window) return false;
      if (accept(window, 0)) return true;
      this.skip(1);
    }
    const last = this.#chunk.length - width;
    let at = this.#at;
    while (at <= last && !accept(this.#chunk, at)) at++;
    this.skip(at - this.#at);
    return this.peek(width) !== undefined;
  }

  #gather(length: number): void {
    const left = this.#chunk.length - this.#at;
    const taken = Math.min(length - this.#heldLength, left);
    if (taken <= 0) return;
    // What is requested is allocated at once: the callers cap it, and growing would copy again.
    if (length > this.#held.length) {
      const larger = new Uint8Array(length);
      larger.set(this.held);
      this.#held = larger;
    }
    const from = this.#chunk.subarray(this.#at, this.#at + taken);
    this.#held.set(from, this.#heldLength);
    this.#heldLength += taken;
    this.#at += taken;
  }

  #drop(length: number): void {
    this.#held.copyWithin(0, length, this.#heldLength);
    this.#heldLength -= length;
    // Once all held bytes come from the current chunk, they are read from there again.
    if (this.#heldLength <= this.#at) {
      this.#at -= this.#heldLength;
      this.#heldLength = 0;
    }
    if (this.#heldLength === 0 && this.#held.length > SMALL_BYTES) {
      this.#held = new Uint8Array(SMALL_BYTES);
    }
  }
}
