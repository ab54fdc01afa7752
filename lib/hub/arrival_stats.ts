/** Milliseconds of a window; figures are taken over the last whole one and the one under way. */
const WINDOW_MS = 5000;

interface Window {
  readonly start: number;
  bytes: number;
  gap: number;
}

/** How a broadcast comes in: its bit rate and the pauses between its bytes. */
export class ArrivalStats {
  readonly #began: number;
  #newest: number;
  #current: Window;
  #previous: Window | undefined;

  /**
   * Begins to count.
   *
   * @param now Milliseconds on the hub's clock.
   */
  constructor(now: number) {
    this.#began = now;
    this.#newest = now;
    this.#current = { start: now, bytes: 0, gap: 0 };
  }

  /** Counts bytes that have just come. */
  arrived(bytes: number, now: number): void {
    this.#turn(now);
    this.#current.bytes += bytes;
    this.#current.gap = Math.max(this.#current.gap, now - this.#newest);
    this.#newest = now;
  }

  /** Bits per second over the last five to ten seconds, or since the beginning. */
  bitrate(now: number): number {
    this.#turn(now);
    const since = this.#previous?.start ?? this.#began;
    const bytes = this.#current.bytes + (this.#previous?.bytes ?? 0);
    return now > since ? Math.round(bytes * 8000 / (now - since)) : 0;
  }

  /** Seconds of the longest pause between two arrivals lately. */
  gap(now: number): number {
    this.#turn(now);
    return Math.max(this.#current.gap, this.#previous?.gap ?? 0) / 1000;
  }

  /** Seconds since the newest byte came. */
  age(now: number): number {
    return (now - this.#newest) / 1000;
  }

  #turn(now: number): void {
    if (now - this.#current.start < WINDOW_MS) return;
    const late = now - this.#current.start >= 2 * WINDOW_MS;
    this.#previous = late
      ? { start: now - WINDOW_MS, bytes: 0, gap: 0 }
      : this.#current;
    this.#current = { start: now, bytes: 0, gap: 0 };
  }
}
