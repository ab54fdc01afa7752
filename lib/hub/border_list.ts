/**
 * Borders that are remembered: of fragments with one frame each, of picture and sound, those of some
 * forty seconds, longer than a watcher may take no byte.
 */
const MAX_BORDERS = 8192;

/** Where the units of a broadcast end, also of those that the log has dropped. */
export class BorderList {
  #borders: number[] = [];
  /** Behind the borders that were forgotten; a search from before it would miss some. */
  #since = 0;

  /**
   * Remembers where a unit ends.
   *
   * @param offset Offset in the channel's log, behind all before it.
   */
  add(offset: number): void {
    this.#borders.push(offset);
    if (this.#borders.length <= MAX_BORDERS) return;
    this.#since = this.#borders[MAX_BORDERS / 4]!;
    this.#borders.splice(0, MAX_BORDERS / 4);
  }

  /** Whether there is none, as where decoders find the next unit by themselves. */
  get isEmpty(): boolean {
    return this.#borders.length === 0;
  }

  /** The first border at or behind an offset of the log; `undefined` when it is not known. */
  at(offset: number): number | undefined {
    if (offset < this.#since) return undefined;
    return this.#borders.find((border) => border >= offset);
  }
}
