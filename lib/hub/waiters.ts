import { Refusal } from "../errors.ts";

/** Peers that wait for channels which are not live yet. */
export class Waiters {
  readonly #mostPerChannel: number;
  readonly #waiting: Map<string, Set<() => void>> = new Map();

  /**
   * Makes a room in which nobody waits.
   *
   * @param mostPerChannel How many may wait for one channel.
   */
  constructor(mostPerChannel: number) {
    this.#mostPerChannel = mostPerChannel;
  }

  /**
   * Waits until a channel goes live.
   *
   * @param user Whose channel.
   * @param name The channel.
   * @param seconds How long; afterwards it resolves all the same.
   * @param signal Ends the wait at once.
   * @throws {Refusal} `limit` when too many wait for that channel.
   */
  async wait(
    user: string,
    name: string,
    seconds: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    const key = keyOf(user, name);
    const waiting = this.#waiting.get(key) ?? new Set();
    if (waiting.size >= this.#mostPerChannel) {
      throw new Refusal("limit", "too many wait for this channel");
    }
    this.#waiting.set(key, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => resolve(), { once: true });
    waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(key) === waiting) {
      this.#waiting.delete(key);
    }
  }

  /** The channel is live. */
  wake(user: string, name: string): void {
    for (const resolve of this.#waiting.get(keyOf(user, name)) ?? []) resolve();
  }

  /** Ends every wait. */
  close(): void {
    for (const waiting of this.#waiting.values()) {
      for (const resolve of waiting) {
        resolve();
      }
    }
  }
}

/** Names hold no NUL, so that two different pairs never make one key. */
function keyOf(user: string, name: string): string {
  return `${user}\0${name}`;
}
