import type { Tracker, TrackerSink } from "../tracker.ts";
import { PeekReader } from "./peek_reader.ts";

/** A tracker that reads unit after unit with a {@linkcode PeekReader}; a subclass knows the units. */
export abstract class ReaderTracker implements Tracker {
  /** Where the subclass reads. */
  protected readonly reader: PeekReader = new PeekReader();
  /** Where the subclass reports to. */
  protected readonly sink: TrackerSink;
  #gaveUp = false;

  /** Starts at the first byte of a stream. */
  constructor(sink: TrackerSink) {
    this.sink = sink;
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#gaveUp) return;
    this.reader.feed(chunk);
    while (!this.#gaveUp && this.step());
    this.reader.release();
  }

  /** Seconds on the stream's clock of the newest media seen. */
  abstract get time(): number | undefined;

  /** Bytes held at present. */
  get heldBytes(): number {
    return this.reader.heldBytes + this.keptBytes;
  }

  /** Bytes missing from the unit that contains the last byte. */
  get missingBytes(): number {
    if (this.#gaveUp) return 0;
    const { skipping, held } = this.reader;
    return skipping > 0 || held.length === 0 ? skipping : this.missingOf(held);
  }

  /**
   * Reads one unit, or takes one step of a search.
   *
   * @returns Whether it could; if not, more bytes are needed.
   */
  protected abstract step(): boolean;

  /** Bytes missing from a unit that begins with `held` and whose header continues with zeros. */
  protected abstract missingOf(held: Uint8Array): number;

  /** Bytes the subclass holds besides the reader. */
  protected get keptBytes(): number {
    return 0;
  }

  /** Ends the tracker's work. */
  protected giveUp(why: string): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.sink.giveUp(why);
  }
}
