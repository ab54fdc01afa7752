import type { Watch } from "../hub/hub.ts";
import type { Sweep, Swept } from "../sweep.ts";

/** What bounds a watcher's stream, and who hears of its end. */
export interface WatchStreamOptions {
  /** Watches over the stall limit. */
  readonly sweep: Sweep;
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
  watch: Watch,
  options: WatchStreamOptions,
): ReadableStream<Uint8Array> {
  return new ReadableStream(new WatchSource(watch, options), {
    highWaterMark: 0,
  });
}

class WatchSource implements UnderlyingDefaultSource<Uint8Array>, Swept {
  readonly #watch: Watch;
  readonly #options: WatchStreamOptions;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #resume: (() => void) | undefined;
  /** The sweep's time when the chunk was handed over that has not been asked past yet. */
  #handedOver: number | undefined;
  #over = false;

  constructor(watch: Watch, options: WatchStreamOptions) {
    this.#watch = watch;
    this.#options = options;
    options.sweep.add(this);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
  }

  cancel(): void {
    this.#end("the watcher left");
  }

  /** Cuts the watcher when it has not asked for more in time. */
  sweep(): void {
    const { sweep, stallMs } = this.#options;
    const since = this.#handedOver;
    if (since === undefined || !sweep.ranOut(since, stallMs)) return;
    const why = `took no byte for ${stallMs / 1000} s`;
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
    this.#watch.cursor.advance(bytes.length);
    this.#handedOver = this.#options.sweep.now;
    this.#controller!.enqueue(bytes);
    return true;
  }

  #end(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#watch.cursor.unpark(this.#wake);
    this.#options.sweep.delete(this);
    this.#resume?.();
    this.#watch.leave();
    this.#options.onEnd(why);
  }
}
