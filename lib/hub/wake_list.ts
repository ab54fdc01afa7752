/** The callbacks of watchers that wait for more bytes. */
export class WakeList {
  // Two sets that swap, so that waking allocates nothing, and a watcher that waits again while it is
  // being woken is not woken twice.
  #waiting: Set<() => void> = new Set();
  #waking: Set<() => void> = new Set();

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

  /** Calls every callback, in the order in which they were added. */
  wake(): void {
    [this.#waiting, this.#waking] = [this.#waking, this.#waiting];
    for (const wake of this.#waking) wake();
    this.#waking.clear();
  }
}
