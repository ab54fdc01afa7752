/**
 * Streams of unknown content, which are joined where chunks begin.
 *
 * @module
 */
import type { ContainerFormat } from "./container.ts";
import { sendInit } from "./splice_rules.ts";
import type { Tracker, TrackerFactory, TrackerSink } from "./tracker.ts";

/**
 * Least number of bytes between reported chunk starts, so that chunks of one byte do not cost a report
 * each. Watchers start at most some packets later for it.
 */
const MIN_SPACING_BYTES = 512;

/** Reports chunk starts; holds nothing. */
export class ChunkTracker implements Tracker {
  readonly #sink: TrackerSink;
  readonly #bufsize: number;
  /** Bytes from one reported chunk start to the next: whole chunks. */
  readonly #spacing: number;
  #pushed = 0;
  #reported = false;

  /**
   * Reports to `sink`.
   *
   * @param bufsize Bytes of a chunk; 0: every push is one.
   * @throws {RangeError} when `bufsize` is not a whole number of at least 0.
   */
  constructor(sink: TrackerSink, bufsize: number) {
    if (!Number.isSafeInteger(bufsize) || bufsize < 0) {
      throw new RangeError(
        `Cannot track chunks: bufsize must be a whole number of at least 0, is ${bufsize}`,
      );
    }
    this.#sink = sink;
    this.#bufsize = bufsize;
    this.#spacing = bufsize * Math.ceil(MIN_SPACING_BYTES / bufsize);
  }

  /**
   * Looks at the next bytes; the chunks that begin in them are join points, short ones only where
   * at least {@linkcode MIN_SPACING_BYTES} apart.
   */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#report();
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

  /** Bytes missing from the last chunk where chunks have a size. */
  get missingBytes(): number {
    if (this.#bufsize === 0) return 0;
    const over = this.#pushed % this.#bufsize;
    return over === 0 ? 0 : this.#bufsize - over;
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
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
 * @param bufsize Bytes of a chunk; 0: every push is one.
 */
export function chunkTracker(bufsize: number): TrackerFactory {
  return (sink) => new ChunkTracker(sink, bufsize);
}

/** A stream that no other row of the detection table fits: every push is a join point. */
export const RAW: ContainerFormat = {
  name: "raw",
  aliases: ["data"],
  signature: () => "yes",
  tracker: chunkTracker(0),
  splice: sendInit,
};
