/**
 * The share of the watchers at the front that is called last the next time: the smaller part of the golden
 * section, so that a watcher's places are spread evenly over all places, however many watchers there are.
 */
const BACK_SHARE = (3 - Math.sqrt(5)) / 2;

/** The callbacks of watchers that wait for more bytes. */
export class WakeList {
  // Two sets that swap, so that waking allocates next to nothing, and a watcher that waits again while it is
  // being woken is not woken twice.
  #waiting: Set<() => void> = new Set();
  #waking: Set<() => void> = new Set();
  /** Those at the front, which are called last. */
  readonly #last: (() => void)[] = [];

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds a callback, which is called once. */
  add(wake: () => void): void {
    this.#waiting.add(wake);
  }

  /** Removes a callback, also while others are being called. */
  delete(wake: () => void): void {
    this.#waiting.delete(wake);
    this.#waking.delete(wake);
  }

  /**
   * Calls every callback. The order in which they were added is rotated: those who are woken first send first,
   * wait again first, and would otherwise be first for ever.
   */
  wake(): void {
    [this.#waiting, this.#waking] = [this.#waking, this.#waiting];
    let toBack = Math.round(this.#waking.size * BACK_SHARE);
    for (const wake of this.#waking) {
      if (toBack-- > 0) this.#last.push(wake);
      else wake();
    }
    for (const wake of this.#last) {
      if (this.#waking.has(wake)) wake();
    }
    this.#last.length = 0;
    this.#waking.clear();
  }
}
