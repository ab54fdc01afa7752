/** Bytes of a piece that is moved to join the one before it; larger ones cost less passed on alone. */
const MAX_MOVED_BYTES = 4096;

/**
 * Joins neighbouring pieces of payload of one chunk by moving them together over the headers between
 * them. Otherwise a peer that fragments into single bytes would make the server handle as many arrays.
 */
export class PayloadRun {
  readonly #emit: (bytes: Uint8Array) => void;
  #chunk: Uint8Array | undefined;
  #start = 0;
  #end = 0;

  /** Takes what receives the runs: views of the chunks, no copies. */
  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  /** Adds the piece of `chunk` between two offsets, behind all that were added before. */
  add(chunk: Uint8Array, start: number, end: number): void {
    if (this.#chunk === chunk && end - start <= MAX_MOVED_BYTES) {
      if (start !== this.#end) chunk.copyWithin(this.#end, start, end);
      this.#end += end - start;
      return;
    }
    this.flush();
    this.#chunk = chunk;
    this.#start = start;
    this.#end = end;
  }

  /** Passes on what was joined, if anything. */
  flush(): void {
    const chunk = this.#chunk;
    if (!chunk) return;
    this.#chunk = undefined;
    this.#emit(chunk.subarray(this.#start, this.#end));
  }
}
