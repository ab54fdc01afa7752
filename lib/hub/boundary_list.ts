import type { Units } from "../media/tracker.ts";

/**
 * How many boundaries are remembered: forty seconds of fragments with one frame each, of video and
 * audio, which is longer than a watcher may accept no byte.
 */
const MAX_BOUNDARIES = 8192;

/** Where the units of a broadcast end, including those that the log has dropped. */
export class BoundaryList {
  #offsets: number[] = [];
  /** What is known of the units at each offset. */
  #units: (Units | undefined)[] = [];
  /** Searches from before this offset could miss a boundary that was forgotten. */
  #since = 0;

  /** Adds an offset of the channel's log; offsets must increase. */
  add(offset: number, units?: Units): void {
    this.#offsets.push(offset);
    this.#units.push(units);
    if (this.#offsets.length <= MAX_BOUNDARIES) return;
    this.#since = this.#offsets[MAX_BOUNDARIES / 4]!;
    this.#offsets.splice(0, MAX_BOUNDARIES / 4);
    this.#units.splice(0, MAX_BOUNDARIES / 4);
  }

  /** Whether there are none, as in containers whose decoders find the next unit on their own. */
  get isEmpty(): boolean {
    return this.#offsets.length === 0;
  }

  /** Whether all units have the same length; decoders resynchronise to such units after a cut. */
  get isRegular(): boolean {
    return this.#units.at(-1)?.every !== undefined;
  }

  /** The first boundary at or behind an offset of the log; `undefined` when it is not known. */
  at(offset: number): number | undefined {
    if (offset < this.#since) return undefined;
    const index = this.#indexAt(offset);
    const listed = this.#offsets[index] ?? Infinity;
    const next = Math.min(listed, this.#repeated(index - 1, offset));
    return next === Infinity ? undefined : next;
  }

  /** The last bytes of the unit that contains an offset, where decoders insist on them. */
  tailAt(offset: number): Uint8Array | undefined {
    const index = this.#indexAt(offset);
    const [start, end] = [this.#offsets[index - 1], this.#offsets[index]];
    if (start === undefined || end === undefined) return undefined;
    return this.#units[index]?.tail?.(end - start);
  }

  /** Index of the first boundary at or behind an offset; the length of the list when there is none. */
  #indexAt(offset: number): number {
    const index = this.#offsets.findIndex((boundary) => boundary >= offset);
    return index < 0 ? this.#offsets.length : index;
  }

  /** The first repetition of a boundary at or behind an offset; infinite when it does not repeat. */
  #repeated(index: number, offset: number): number {
    const boundary = this.#offsets[index];
    const every = this.#units[index]?.every;
    if (boundary === undefined || every === undefined) return Infinity;
    return boundary + Math.ceil((offset - boundary) / every) * every;
  }
}
