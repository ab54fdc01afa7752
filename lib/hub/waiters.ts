import { Refusal } from "../errors.ts";
import type { Channel } from "./channel.ts";

/** What a watcher waits for. */
export interface WaitOptions {
  /** Whose channel. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** Seconds to wait for a channel that is not live. */
  readonly wait: number;
  /** Ends the wait early, when the watcher has left. */
  readonly signal: AbortSignal;
}

/** A channel that a watcher may join. */
export interface FoundChannel {
  /** The channel. */
  readonly channel: Channel;
  /** Offset of the log's head when the watcher asked; 0 if it waited for the channel. */
  readonly since: number;
}

/** Watchers that wait for channels which are not live yet. */
export class Waiters {
  readonly #maxPerChannel: number;
  readonly #waiting: Map<string, Set<() => void>> = new Map();

  /** Limits how many may wait for one channel. */
  constructor(maxPerChannel: number) {
    this.#maxPerChannel = maxPerChannel;
  }

  /**
   * Resolves when the channel goes live, the time is over or the signal is aborted.
   *
   * @throws {Refusal} `limit` when too many wait for that channel.
   */
  async wait({ user, channel, wait, signal }: WaitOptions): Promise<void> {
    if (signal.aborted) return;
    const key = keyOf(user, channel);
    const waiting = this.#waiting.get(key) ?? new Set();
    if (waiting.size >= this.#maxPerChannel) {
      throw new Refusal("limit", "too many wait for this channel");
    }
    this.#waiting.set(key, waiting);
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = (): void => resolve();
    const timer = setTimeout(done, wait * 1000);
    signal.addEventListener("abort", done, { once: true });
    waiting.add(done);
    await promise;
    clearTimeout(timer);
    // Many waits may share one signal that outlives them all.
    signal.removeEventListener("abort", done);
    waiting.delete(done);
    if (waiting.size === 0) this.#waiting.delete(key);
  }

  /** Whether there is a wait for a channel. */
  has(user: string, channel: string): boolean {
    return this.#waiting.has(keyOf(user, channel));
  }

  /** Ends the waits for a channel, which has gone live. */
  wake(user: string, channel: string): void {
    const waiting = this.#waiting.get(keyOf(user, channel)) ?? [];
    for (const done of waiting) done();
  }

  /** Ends every wait. */
  close(): void {
    for (const waiting of this.#waiting.values()) {
      for (const done of waiting) done();
    }
  }
}

/** Names contain no NUL, so two different pairs never make the same key. */
function keyOf(user: string, channel: string): string {
  return `${user}\0${channel}`;
}
