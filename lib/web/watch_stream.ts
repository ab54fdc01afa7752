import type { Watcher } from "../hub/hub.ts";
import type { StalledWatcher } from "../hub/memory/memory_budget.ts";
import { SEGMENT_BYTES } from "../hub/segment_log.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";

/** What bounds a watcher's stream, and who hears of its end. */
export interface WatchStreamOptions {
  /** Watches over the stall limit. */
  readonly ticker: Ticker;
  /** Milliseconds without a pull, while there is something to send, after which it is cut. */
  readonly stallMs: number;
  /** Told once why it is over. */
  readonly onEnd: (why: string) => void;
}

/**
 * A watcher's media as a stream: the slices of the channel's log themselves, one at a time, when they
 * are pulled. It must not be a byte stream, which would take the log's memory away.
 *
 * @param watch The watcher's place; left when the stream is over.
 * @param options Bounds and who hears of the end.
 */
export function watchStream(
  watch: Watcher,
  options: WatchStreamOptions,
): ReadableStream<Uint8Array> {
  return new ReadableStream(new WatchSource(watch, options), {
    highWaterMark: 0,
  });
}

class WatchSource
  implements UnderlyingDefaultSource<Uint8Array>, Tickable, StalledWatcher {
  readonly #watch: Watcher;
  readonly #options: WatchStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #resume: (() => void) | undefined;
  /** The ticker's time when the chunk was handed over that has not been asked past yet. */
  #handedOver: number | undefined;
  #over = false;

  constructor(watch: Watcher, options: WatchStreamOptions) {
    this.#watch = watch;
    this.#options = options;
    options.ticker.add(this);
    watch.cursor.memory.addWatcher(this);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  cancel(): void {
    this.#end("the watcher left");
  }

  /** Cuts the watcher when it has not asked for more in time. */
  tick(): void {
    const { ticker, stallMs } = this.#options;
    const since = this.#handedOver;
    if (since === undefined) return;
    const why = ticker.overrun("took no byte", since, stallMs);
    if (why) this.cut(why);
  }

  /** Milliseconds since the chunk was handed over that has not been asked past yet. */
  get stalledMs(): number {
    const { now } = this.#options.ticker;
    return now - (this.#handedOver ?? now);
  }

  /** The segment of that chunk, once the log has dropped it. */
  get heldBytes(): number {
    return this.#watch.cursor.holdsDropped ? SEGMENT_BYTES : 0;
  }

  /** Breaks the watcher's stream off. */
  cut(why: string): void {
    // A text, since the runtime prints what ends a body to stderr: one line instead of a stack.
    this.#controller!.error(`a watcher ${why}`);
    this.#end(why);
  }

  pull(): Promise<void> | void {
    this.#handedOver = undefined;
    if (this.#offer()) return;
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#watch.cursor.park(this.#wake);
    });
  }

  readonly #wake = (): void => {
    if (this.#over) return;
    if (!this.#offer()) return this.#watch.cursor.park(this.#wake);
    this.#resume?.();
    this.#resume = undefined;
  };

  /** Hands the next slice over, or ends; tells whether there was either. */
  #offer(): boolean {
    const bytes = this.#watch.cursor.next();
    if (bytes === "wait") return false;
    if (bytes === "end") {
      this.#controller!.close();
      this.#end("the channel ended");
      return true;
    }
    const { heldFrom } = this.#watch.cursor;
    this.#watch.cursor.advance(bytes.length);
    this.#watch.cursor.heldFrom = heldFrom; // The runtime has it until it asks for more.
    this.#handedOver = this.#options.ticker.now;
    this.#controller!.enqueue(bytes);
    return true;
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch.cursor.unpark(this.#wake);
    this.#options.ticker.delete(this);
    this.#watch.cursor.memory.deleteWatcher(this);
    this.#resume?.();
    this.#watch.leave();
    this.#options.onEnd(why);
  }
}
