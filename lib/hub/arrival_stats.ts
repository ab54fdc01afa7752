/** Milliseconds of a window; figures cover the last complete window and the current one. */
const WINDOW_MS = 5000;

interface Window {
  readonly start: number;
  bytes: number;
  gap: number;
}

/** How a broadcast arrives: its bit rate and the pauses between its bytes. */
export class ArrivalStats {
  readonly #startedAt: number;
  #newestAt: number;
  #current: Window;
  #previous: Window | undefined;

  /** Starts counting at `now`, in milliseconds on the hub's clock. */
  constructor(now: number) {
    this.#startedAt = now;
    this.#newestAt = now;
    this.#current = { start: now, bytes: 0, gap: 0 };
  }

  /** Counts bytes that have just arrived. */
  arrived(bytes: number, now: number): void {
    this.#rotate(now);
    this.#current.bytes += bytes;
    this.#current.gap = Math.max(this.#current.gap, now - this.#newestAt);
    this.#newestAt = now;
  }

  /** Bits per second over the last five to ten seconds, or since the start. */
  bitrate(now: number): number {
    this.#rotate(now);
    const since = this.#previous?.start ?? this.#startedAt;
    const bytes = this.#current.bytes + (this.#previous?.bytes ?? 0);
    return now > since ? Math.round(bytes * 8000 / (now - since)) : 0;
  }

  /** Seconds of the longest recent pause between two arrivals. */
  gap(now: number): number {
    this.#rotate(now);
    return Math.max(this.#current.gap, this.#previous?.gap ?? 0) / 1000;
  }

  /** Seconds since the newest byte arrived. */
  age(now: number): number {
    return (now - this.#newestAt) / 1000;
  }

  #rotate(now: number): void {
    if (now - this.#current.start < WINDOW_MS) return;
    const late = now - this.#current.start >= 2 * WINDOW_MS;
    this.#previous = late
      ? { start: now - WINDOW_MS, bytes: 0, gap: 0 }
      : this.#current;
    this.#current = { start: now, bytes: 0, gap: 0 };
  }
}
