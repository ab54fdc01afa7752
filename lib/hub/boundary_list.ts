/**
 * How many boundaries are remembered: forty seconds of fragments with one frame each, of video and
 * audio, which is longer than a watcher may accept no byte.
 */
const MAX_BOUNDARIES = 8192;

/** Where the units of a broadcast end, including those that the log has dropped. */
export class BoundaryList {
  #boundaries: number[] = [];
  /** Searches from before this offset could miss a boundary that was forgotten. */
  #since = 0;

  /** Adds an offset of the channel's log; offsets must increase. */
  add(offset: number): void {
    this.#boundaries.push(offset);
    if (this.#boundaries.length <= MAX_BOUNDARIES) return;
    this.#since = this.#boundaries[MAX_BOUNDARIES / 4]!;
    this.#boundaries.splice(0, MAX_BOUNDARIES / 4);
  }

  /** Whether there are none, as in containers whose decoders find the next unit on their own. */
  get isEmpty(): boolean {
    return this.#boundaries.length === 0;
  }

  /** The first boundary at or behind an offset of the log; `undefined` when it is not known. */
  at(offset: number): number | undefined {
    if (offset < this.#since) return undefined;
    return this.#boundaries.find((boundary) => boundary >= offset);
  }
}
