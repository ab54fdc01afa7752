/**
 * What the trackers of containers made of units with a length (elements, boxes, tags) have in common:
 * the loop over the units, the search for the next one after damage, and giving up.
 *
 * @module
 */
import { PeekReader } from "./peek_reader.ts";
import type { JoinPoint, Tracker, TrackerSink } from "../tracker.ts";

/**
 * Bytes of init a container may have: half of what a tracker may hold, because an element is held
 * twice for a moment, once gathered from chunks and once in the init that is put together.
 */
export const MAX_INIT_BYTES: number = 512 * 1024;

/** Bytes of one unit: a key frame of 8K video stays below 16 MiB, 4 s of 100 Mbit/s below 64 MiB. */
export const MAX_UNIT_BYTES: number = 64 * 1024 * 1024;

/** Bytes searched for the next unit after damage: some 10 s of a stream of 12 Mbit/s. */
export const MAX_RESYNC_BYTES: number = 16 * 1024 * 1024;

/** Bytes without a join point: 10 s between key frames at 100 Mbit/s. */
export const MAX_JOINLESS_BYTES: number = 128 * 1024 * 1024;

/** Units read after damage before the next damage counts as another incident. */
const SETTLED_UNITS = 3;

/** A tracker that reads unit after unit; a subclass knows the container. */
export abstract class UnitTracker implements Tracker {
  /** Where the subclass reads. */
  protected readonly reader: PeekReader = new PeekReader();
  /** Bytes that {@linkcode isBorder} looks at. */
  protected abstract readonly borderBytes: number;
  readonly #sink: TrackerSink;
  #time: number | undefined;
  #gaveUp = false;
  #searching = false;
  /** Where the newest incident began. */
  #damagedAt = 0;
  #unitsSinceDamage = SETTLED_UNITS;
  #joinedAt = 0;

  /**
   * Starts at the first byte of a stream.
   *
   * @param sink Where join points, init, info and damage are reported to.
   */
  constructor(sink: TrackerSink) {
    this.#sink = sink;
  }

  /** Looks at the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#gaveUp) return;
    this.reader.feed(chunk);
    while (this.#step());
    this.reader.release();
  }

  /** Seconds on the stream's clock of the newest media seen. */
  get time(): number | undefined {
    return this.#time;
  }

  /** Bytes held at present. */
  get heldBytes(): number {
    return this.reader.heldBytes + this.keptBytes;
  }

  /** Bytes that the unit in which the last byte lies still lacks. */
  get missingBytes(): number {
    if (this.#gaveUp || this.#searching) return 0;
    if (this.reader.skipping > 0) return this.reader.skipping;
    const held = this.reader.held;
    return held.length === 0 ? 0 : this.lackingOf(held);
  }

  /**
   * Reads one unit and passes it.
   *
   * @returns Whether it could; if not, more bytes are needed and nothing has changed.
   */
  protected abstract readUnit(): boolean;

  /** Whether a unit that decoding can go on from, or a header, begins at this index. */
  protected abstract isBorder(bytes: Uint8Array, at: number): boolean;

  /** Passes what lies between a border found after damage and the unit itself. */
  protected passBorder(): void {}

  /** Bytes that a unit of which `held` is the beginning lacks when the rest of its header is 0. */
  protected abstract lackingOf(held: Uint8Array): number;

  /** Bytes the subclass holds besides the reader. */
  protected abstract get keptBytes(): number;

  /** Where the subclass reports init and info to. */
  protected get sink(): TrackerSink {
    return this.#sink;
  }

  /** Sets the stream's clock, in seconds. */
  protected setTime(seconds: number): void {
    this.#time = seconds;
  }

  /** Reports a join point. */
  protected join(point: JoinPoint): void {
    this.#joinedAt = point.offset;
    this.#sink.join(point);
  }

  /** Reports damage at the reader's place, from where the next border is searched. */
  protected damage(what: string): void {
    if (this.#unitsSinceDamage >= SETTLED_UNITS) {
      this.#damagedAt = this.reader.offset;
      this.#sink.damage(what);
    }
    this.#unitsSinceDamage = 0;
    this.#searching = true;
    // The same place would only be refused again.
    this.reader.skip(1);
  }

  /** Ends the tracker's work. */
  protected giveUp(why: string): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.#sink.giveUp(why);
  }

  #step(): boolean {
    if (this.#gaveUp) return false;
    if (this.#searching) return this.#search();
    if (this.reader.offset - this.#joinedAt > MAX_JOINLESS_BYTES) {
      this.giveUp(`no join point in ${MAX_JOINLESS_BYTES} bytes`);
      return false;
    }
    if (!this.readUnit()) return false;
    if (!this.#searching) this.#unitsSinceDamage++;
    return true;
  }

  #search(): boolean {
    const found = this.reader.seek(
      this.borderBytes,
      (bytes, at) => this.isBorder(bytes, at),
    );
    // Asked after the search too, so that a border beyond the cap does not depend on the chunks.
    if (this.reader.offset - this.#damagedAt > MAX_RESYNC_BYTES) {
      this.giveUp(`nothing recognisable in ${MAX_RESYNC_BYTES} bytes`);
      return false;
    }
    if (!found) return false;
    this.#searching = false;
    this.passBorder();
    return true;
  }
}
