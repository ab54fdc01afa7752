/** Milliseconds over which a rate is measured at least: shorter, it would show single writes. */
const RATE_MS = 1000;

/** Measures the rate of a count of bytes between two looks; it measures nothing until somebody looks. */
export class RateMeter {
  #at: number;
  #bytes = 0;
  #bitrate: number | undefined;

  /** Begins with no byte at `now`, in milliseconds on the hub's clock. */
  constructor(now: number) {
    this.#at = now;
  }

  /** Bits per second since this was asked last, over a second at least; the first time since the beginning. */
  bitrate(bytes: number, now: number): number {
    const isKnown = this.#bitrate !== undefined && now - this.#at < RATE_MS;
    if (isKnown || now === this.#at) return this.#bitrate ?? 0;
    this.#bitrate = Math.round((bytes - this.#bytes) * 8000 / (now - this.#at));
    this.#at = now;
    this.#bytes = bytes;
    return this.#bitrate;
  }
}
