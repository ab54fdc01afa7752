import { IncidentReporter } from "../incident_reporter.ts";
import type { TrackerSink } from "../tracker.ts";
import { ReaderTracker } from "./reader_tracker.ts";

/**
 * A tracker of units that are searched for byte by byte where none is due: audio frames, pages, images.
 * A subclass visits each place that may begin a unit.
 */
export abstract class ScanTracker extends ReaderTracker {
  readonly #incident: IncidentReporter;
  /** Bytes that must be there before the next visit. */
  #needed = 1;

  /** Starts at the first byte of a stream. */
  constructor(sink: TrackerSink) {
    super(sink);
    this.#incident = new IncidentReporter(sink);
  }

  /** Bytes from the stream's first byte to the place that is being visited. */
  protected get offset(): number {
    return this.reader.offset;
  }

  /**
   * Looks at what begins at `bytes[at]`; there is at least one byte.
   *
   * @returns The bytes to skip, at least 1 and beyond the end of `bytes` where the unit is longer; or
   * {@linkcode needs} when more of the unit must be there first. The result must not depend on bytes
   * beyond those that are needed, because then it would depend on how the stream is cut.
   */
  protected abstract visit(bytes: Uint8Array, at: number): number;

  /** The result of a visit that has to be repeated once `count` bytes are there. */
  protected needs(count: number): number {
    return -count;
  }

  /** Visits one place. */
  protected override step(): boolean {
    if (!this.reader.has(this.#needed)) return false;
    const step = this.visit(this.reader.bytes, this.reader.at);
    this.#needed = Math.max(1, -step);
    if (step > 0) this.reader.skip(step);
    return true;
  }

  /**
   * The step of a search, for {@linkcode visit}. It halts where the search is given up, so that this is
   * the same place however the stream is cut.
   *
   * @param bytes The bytes that are searched.
   * @param at Where the search is in them.
   * @param next Where the next unit may start; -1: nowhere in these bytes.
   * @param limit Bytes from the stream's first byte to where the search is given up.
   */
  protected searchStep(
    bytes: Uint8Array,
    at: number,
    next: number,
    limit: number,
  ): number {
    const step = (next < 0 ? bytes.length : next) - at;
    const left = limit - this.offset;
    return left > 0 ? Math.min(step, left) : step;
  }

  /** Reports corruption, unless the incident has been reported. */
  protected corrupt(what: string): void {
    this.#incident.report(what);
  }

  /** Ends the incident: a unit has been found where one was due. */
  protected recover(): void {
    this.#incident.recover();
  }
}
