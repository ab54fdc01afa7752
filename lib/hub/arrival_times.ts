/** Milliseconds between two samples at least: how much too large an age may be. */
export const SAMPLE_MS = 100;

/**
 * Samples of a log at most, 16 bytes each. Half of them are the newest 25 seconds, to {@linkcode SAMPLE_MS}; the
 * others are spaced in proportion to their age, so that the age of a byte is right to a few percent for hours.
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
    if (this.#offsets.length > MAX_SAMPLES) this.#dropLeast(now);
  }

  /** Milliseconds since the byte at `offset` arrived; 0 while nothing has. */
  age(offset: number, now: number): number {
    const at = this.#times[Math.max(this.#lastUpTo(offset), 0)];
    return at === undefined ? 0 : Math.max(now - at, 0);
  }

  /** Offset of the first byte that is known to have arrived at or after a time; `undefined` if none is. */
  since(time: number): number | undefined {
    let low = -1;
    let high = this.#times.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! < time) low = middle;
      else high = middle;
    }
    return this.#offsets[high];
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

  /** Drops the older sample that tells least: the one whose neighbours are closest, compared with its age. */
  #dropLeast(now: number): void {
    const times = this.#times;
    let least = 1;
    let leastGap = Infinity;
    for (let index = 1; index < MAX_SAMPLES / 2; index++) {
      const span = times[index + 1]! - times[index - 1]!;
      const gap = span / (now - times[index]!);
      if (gap >= leastGap) continue;
      least = index;
      leastGap = gap;
    }
    this.#offsets.splice(least, 1);
    times.splice(least, 1);
  }
}
