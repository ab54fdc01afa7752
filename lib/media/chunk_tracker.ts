/**
 * The tracker of bytes that nothing is known of: joins where chunks begin.
 *
 * @module
 */
import type { Tracker, TrackerFactory, TrackerSink } from "./tracker.ts";

/**
 * Bytes between the chunk starts that are reported, at least: a broadcaster who asks for chunks of one
 * byte would cost a report for each. Few enough that nobody begins later for it than by some packets.
 */
const MIN_SPACING_BYTES = 512;

/** Reports chunk starts; holds nothing. */
export class ChunkTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #bufsize: number;
  /** Bytes from one chunk start that is reported to the next: whole chunks. */
  readonly #spacing: number;
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
    this.#spacing = bufsize * Math.ceil(MIN_SPACING_BYTES / bufsize);
  }

  /**
   * Looks at the next bytes; the chunks that begin in them are join points, short ones only where
   * {@linkcode MIN_SPACING_BYTES} lie between.
   */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#tell();
    const from = this.#pushed;
    this.#pushed += chunk.length;
    if (this.#bufsize === 0) {
      this.#sink.join({ offset: from });
      return;
    }
    let offset = Math.ceil(from / this.#spacing) * this.#spacing;
    for (; offset < this.#pushed; offset += this.#spacing) {
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
    if (this.#bufsize === 0) return 0;
    const over = this.#pushed % this.#bufsize;
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
