/**
 * The tracker of bytes that nothing is known of: joins where chunks begin.
 *
 * @module
 */
import type { Tracker, TrackerFactory, TrackerSink } from "./tracker.ts";

/** Reports chunk starts; holds nothing. */
export class ChunkTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #bufsize: number;
  #pushed = 0;
  #told = false;

  /**
   * Reports to `sink`.
   *
   * @param bufsize Bytes to a chunk; 0: every push is one.
   * @throws {RangeError} when `bufsize` is no whole number from 0 on.
   */
  constructor(sink: TrackerSink, bufsize: number) {
    if (!Number.isSafeInteger(bufsize) || bufsize < 0) {
      throw new RangeError(
        `Cannot track chunks: bufsize must be a whole number from 0 on, is ${bufsize}`,
      );
    }
    this.#sink = sink;
    this.#bufsize = bufsize;
  }

  /** Looks at the next bytes; every chunk that begins in them is a join point. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#tell();
    const from = this.#pushed;
    this.#pushed += chunk.length;
    if (this.#bufsize === 0) {
      this.#sink.join({ offset: from });
      return;
    }
    let offset = from + this.#missingFrom(from);
    for (; offset < this.#pushed; offset += this.#bufsize) {
      this.#sink.join({ offset });
    }
  }

  /** None: unknown bytes have no clock. */
  get time(): undefined {
    return undefined;
  }

  /** Always 0. */
  get heldBytes(): number {
    return 0;
  }

  /** Bytes that the last chunk lacks where chunks have a size. */
  get missingBytes(): number {
    return this.#bufsize === 0 ? 0 : this.#missingFrom(this.#pushed);
  }

  /** Bytes from `offset` to where the next chunk begins; only where chunks have a size. */
  #missingFrom(offset: number): number {
    const over = offset % this.#bufsize;
    return over === 0 ? 0 : this.#bufsize - over;
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.#sink.info({
      container: "raw",
      mime: "application/octet-stream",
      codecs: [],
      video: false,
    });
  }
}

/**
 * Makes trackers of raw bytes.
 *
 * @param bufsize Bytes to a chunk; 0: every push is one.
 */
export function chunkTracker(bufsize: number): TrackerFactory {
  return (sink) => new ChunkTracker(sink, bufsize);
}
