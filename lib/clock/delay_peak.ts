/**
 * Milliseconds of a window: the usual interval between two scrapes of the metrics, so that no delay is
 * missed.
 */
const WINDOW_MS = 15_000;

/** The longest recent delay. */
export class DelayPeak {
  #windowBegan = -Infinity;
  #current = 0;
  #previous = 0;

  /**
   * Adds a delay.
   *
   * @param delayMs Milliseconds.
   * @param now Milliseconds on a clock that never goes back.
   */
  add(delayMs: number, now: number): void {
    if (now - this.#windowBegan >= WINDOW_MS) {
      this.#windowBegan = now;
      this.#previous = this.#current;
      this.#current = 0;
    }
    this.#current = Math.max(this.#current, delayMs);
  }

  /** Milliseconds of the longest one over the last 15 to 30 seconds. */
  get longestMs(): number {
    return Math.max(this.#current, this.#previous);
  }
}
