/** How the pauses between attempts grow. */
export interface BackoffOptions {
  /** Milliseconds of the first pause. */
  readonly firstMs: number;
  /** Milliseconds of the longest pause. */
  readonly longestMs: number;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/** Short enough for a cable that was plugged in again, long enough for a server with a thousand clients. */
export const DEFAULT_BACKOFF: BackoffOptions = {
  firstMs: 250,
  longestMs: 10_000,
};

/** Pauses between attempts: each twice as long as the one before, shortened at random by up to a half. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #pauseMs: number;

  /** Starts with the first pause. */
  constructor(options: BackoffOptions = DEFAULT_BACKOFF) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#pauseMs = options.firstMs;
  }

  /** The next pause in milliseconds. Clients that lost the same server do not return at the same moment. */
  next(): number {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, this.#options.longestMs);
    return pauseMs * (1 - this.#random() / 2);
  }

  /** Starts again with the first pause. */
  reset(): void {
    this.#pauseMs = this.#options.firstMs;
  }
}
