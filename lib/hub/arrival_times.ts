/** Milliseconds between two samples at least: how much too large an age may be. */
export const SAMPLE_MS = 100;

/**
 * Samples of a log at most, 16 bytes each. The newest 25 seconds are always kept to {@linkcode SAMPLE_MS};
 * what is older is thinned out again and again, as its age grows.
 */
export const MAX_SAMPLES = 512;

/** When the bytes of a log arrived: what makes a lag in bytes a lag in time. */
export class ArrivalTimes {
  /** Offsets of bytes, ascending. */
  #offsets: number[] = [];
  /** When each of them arrived, in milliseconds on the log's clock. */
  #times: number[] = [];
  #newest = -Infinity;

  /** Notes that the byte at `offset` has arrived `now`, unless the last sample is a moment old. */
  arrived(offset: number, now: number): void {
    if (now - this.#newest < SAMPLE_MS) return;
    this.#newest = now;
    this.#offsets.push(offset);
    this.#times.push(now);
    if (this.#offsets.length > MAX_SAMPLES) this.#thinOut();
  }

  /** Milliseconds since the byte at `offset` arrived; 0 while nothing has. */
  age(offset: number, now: number): number {
    const at = this.#times[Math.max(this.#lastUpTo(offset), 0)];
    return at === undefined ? 0 : Math.max(now - at, 0);
  }

  /** Index of the last sample at or before an offset; -1 if there is none. */
  #lastUpTo(offset: number): number {
    let low = -1;
    let high = this.#offsets.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#offsets[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Keeps every second sample of the older half. */
  #thinOut(): void {
    const keeps = (_: number, index: number): boolean =>
      index >= MAX_SAMPLES / 2 || index % 2 === 0;
    this.#offsets = this.#offsets.filter(keeps);
    this.#times = this.#times.filter(keeps);
  }
}
