import type { Totals } from "./channel_options.ts";

/** Bytes that do not wait for more: beyond this, a larger write costs hardly less per byte. */
export const LINGER_BYTES: number = 64 * 1024;

/** What a {@linkcode Linger} needs. */
export interface LingerOptions {
  /** Milliseconds that the oldest byte may wait at most; 0 for no wait. */
  readonly delayMs: () => number;
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
  /** Where releases are counted. */
  readonly totals: Totals;
  /** Called when the oldest byte has waited long enough. */
  readonly onTimeout: () => void;
}

/**
 * Holds small pieces of a channel back until there are enough of them or the oldest has waited long
 * enough: each wake-up costs a write for every watcher, whatever its size.
 */
export class Linger {
  /** Offset in the channel's log up to which bytes are released. */
  head = 0;
  readonly #options: LingerOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #since = 0;

  /** Creates a linger at the start of a log. */
  constructor(options: LingerOptions) {
    this.#options = options;
  }

  /** Whether the bytes up to `last` wait for more, which are at most `maxBytes` then. */
  holds(last: number, maxBytes: number): boolean {
    const { delayMs, now, onTimeout } = this.#options;
    const ms = delayMs();
    if (ms <= 0 || last - this.head >= Math.min(maxBytes, LINGER_BYTES)) {
      return false;
    }
    if (this.#timer === undefined) {
      this.#since = now();
      this.#timer = setTimeout(onTimeout, ms);
    }
    return true;
  }

  /** Releases the bytes up to `last`. */
  release(last: number): void {
    const { totals, now } = this.#options;
    this.head = last;
    totals.releases++;
    if (this.#timer === undefined) return;
    totals.lingerMs += now() - this.#since;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
