import type { Tickable, Ticker } from "../clock/ticker.ts";

/**
 * Bytes of native memory that the process has beside its heaps when nothing is wrong: 30 to 50 MB of the
 * runtime, and what its HTTP server keeps for watchers, which the memory of all is charged for.
 */
const NATIVE_BYTES = 128 * 1024 * 1024;

/**
 * Bytes by which the process may grow further once sockets were cut: what they held is free a moment
 * later, or it was not theirs, and those who come back are not to be cut for it again and again.
 */
const GROWTH_BYTES = 64 * 1024 * 1024;

/** What a guard of sockets' memory works with. */
export interface SocketMemoryOptions {
  /** Bytes that the server has left of those that it promised to hold at most. */
  readonly limitBytes: () => number;
  /** Watches over the time. */
  readonly ticker: Ticker;
  /** Bytes of native memory at present. */
  readonly nativeBytes?: () => number;
  /** Closes every WebSocket. */
  readonly cut: (nativeBytes: number) => void;
}

/**
 * Keeps WebSockets from filling the memory. The runtime gathers a message whole before it says a word
 * of it, however many fragments it has, and can close no socket whose peer does not want to close. So
 * nobody knows which socket it is when the process has grown beyond what was promised: all are closed,
 * and those of players and cameras come back by themselves. Answers under way are not touched.
 */
export class SocketMemory implements Tickable {
  readonly #options: SocketMemoryOptions;
  #open = 0;
  /** Bytes above which sockets are cut once more; 0 while they have not been. */
  #most = 0;

  /** Begins to look. */
  constructor(options: SocketMemoryOptions) {
    this.#options = options;
    options.ticker.add(this);
  }

  /** Counts a socket until it has closed. */
  watch(closed: Promise<unknown>): void {
    this.#open++;
    closed.then(() => this.#open--);
  }

  /**
   * Looks how large the process is while there are sockets, several times a second: a connection of
   * 1 Gbit/s brings some 30 MB meanwhile.
   */
  tick(): void {
    if (this.#open === 0) return;
    const { limitBytes, nativeBytes = measure, cut } = this.#options;
    const bytes = nativeBytes();
    const most = limitBytes() + NATIVE_BYTES;
    if (bytes <= most) this.#most = 0;
    if (bytes <= Math.max(most, this.#most)) return;
    this.#most = bytes + GROWTH_BYTES;
    cut(bytes);
  }

  /** Looks no more. */
  close(): void {
    this.#options.ticker.delete(this);
  }
}

function measure(): number {
  const { rss, heapTotal, external } = Deno.memoryUsage();
  return rss - heapTotal - external;
}
