import type { ChannelOptions } from "./channel_options.ts";

/**
 * Milliseconds that watchers have to make up for bytes that came late: most buffer a second of media, and
 * receive it faster than they play it.
 */
const EXCUSE_MS = 2000;

/** Tells whether the watchers of a channel lag through no fault of their own. */
export class Lateness {
  readonly #isServerLate: () => boolean;
  readonly #now: () => number;
  #excusedUntil = -Infinity;

  /** Bytes have not come late so far. */
  constructor({ isLate, now }: Pick<ChannelOptions, "isLate" | "now">) {
    this.#isServerLate = isLate ?? ((): boolean => false);
    this.#now = now;
  }

  /** Whether the server is late, or bytes came late to it. */
  get isExcuse(): boolean {
    return this.#isServerLate() || this.#now() < this.#excusedUntil;
  }

  /** Lets watchers lag for a moment, because bytes that came late are appended all at once. */
  excuse(): void {
    this.#excusedUntil = this.#now() + EXCUSE_MS;
  }
}
