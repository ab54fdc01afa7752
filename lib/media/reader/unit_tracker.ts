import { MAX_JOINLESS_BYTES, MAX_RESYNC_BYTES } from "../limits.ts";
import type { JoinPoint } from "../tracker.ts";
import { ReaderTracker } from "./reader_tracker.ts";

/** Units read after a corruption before the next one counts as another incident. */
const SETTLED_UNITS = 3;

/**
 * A tracker of containers made of units with a length (elements, boxes, tags): the loop over the units,
 * the search for the next one after corruption, and giving up.
 */
export abstract class UnitTracker extends ReaderTracker {
  /** Bytes that {@linkcode isBoundary} looks at. */
  protected abstract readonly boundaryBytes: number;
  #time: number | undefined;
  #searching = false;
  /** Where the newest incident began. */
  #corruptedAt = 0;
  #unitsSinceCorruption = SETTLED_UNITS;
  #joinedAt = 0;

  /** Seconds on the stream's clock of the newest media seen. */
  override get time(): number | undefined {
    return this.#time;
  }

  /** Bytes missing from the unit that contains the last byte. */
  override get missingBytes(): number {
    return this.#searching ? 0 : super.missingBytes;
  }

  /**
   * Reads one unit and skips it.
   *
   * @returns Whether it could; if not, more bytes are needed and nothing has changed.
   */
  protected abstract readUnit(): boolean;

  /** Whether a unit that decoding can continue with, or a header, begins at this index. */
  protected abstract isBoundary(bytes: Uint8Array, at: number): boolean;

  /** Skips what separates a boundary found after corruption from the unit itself. */
  protected skipBoundary(): void {}

  /** Sets the stream's clock, in seconds. */
  protected setTime(seconds: number): void {
    this.#time = seconds;
  }

  /** Reports a join point. */
  protected join(point: JoinPoint): void {
    this.#joinedAt = point.offset;
    this.sink.join(point);
  }

  /** Reports corruption at the reader's place, from where the next boundary is searched. */
  protected corrupt(what: string): void {
    if (this.#unitsSinceCorruption >= SETTLED_UNITS) {
      this.#corruptedAt = this.reader.offset;
      this.sink.corruption(what);
    }
    this.#unitsSinceCorruption = 0;
    this.#searching = true;
    // The same place would only be rejected again.
    this.reader.skip(1);
  }

  /** Reads one unit, or searches for one. */
  protected override step(): boolean {
    if (this.#searching) return this.#search();
    if (this.reader.offset - this.#joinedAt > MAX_JOINLESS_BYTES) {
      this.giveUp(`no join point in ${MAX_JOINLESS_BYTES} bytes`);
      return false;
    }
    if (!this.readUnit()) return false;
    if (!this.#searching) this.#unitsSinceCorruption++;
    return true;
  }

  #search(): boolean {
    const found = this.reader.seek(
      this.boundaryBytes,
      (bytes, at) => this.isBoundary(bytes, at),
    );
    // Checked after the search too, so that a boundary beyond the cap does not depend on the chunks.
    if (this.reader.offset - this.#corruptedAt > MAX_RESYNC_BYTES) {
      this.giveUp(`nothing recognisable in ${MAX_RESYNC_BYTES} bytes`);
      return false;
    }
    if (!found) return false;
    this.#searching = false;
    this.skipBoundary();
    return true;
  }
}
