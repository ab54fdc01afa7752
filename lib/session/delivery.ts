import type { Cursor } from "../hub/cursor.ts";
import { messageOf } from "../errors.ts";
import type { StalledWatcher } from "../hub/memory/memory_budget.ts";
import { SEGMENT_BYTES } from "../hub/segment_log.ts";
import type { Peer } from "../net/peer.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";

/** Why a watcher's delivery is over. */
export type DeliveryEnd =
  /** The channel has ended and everything was written. */
  | { readonly ended: true }
  /** The watcher went, or was cut. */
  | { readonly ended: false; readonly why: string };

/**
 * Writes what a cursor gives to a peer: one write under way at most, each as large as what lies ready,
 * so that the peer's own pace is the only one. A peer that takes no byte for too long is cut.
 */
export class Delivery implements Tickable, StalledWatcher {
  /** Settles when it is over; never rejects. */
  readonly done: Promise<DeliveryEnd>;
  readonly #cursor: Cursor;
  readonly #peer: Peer;
  readonly #ticker: Ticker;
  readonly #stallMs: number;
  readonly #settle: (end: DeliveryEnd) => void;
  /** The ticker's time when the write under way began; `undefined` when none is. */
  #writingSince: number | undefined;
  #over = false;

  /**
   * Begins to write at once.
   *
   * @param cursor The watcher's place.
   * @param peer Where the bytes go.
   * @param ticker Watches over the stall limit.
   * @param stallMs Milliseconds a write may take before the watcher is cut.
   */
  constructor(cursor: Cursor, peer: Peer, ticker: Ticker, stallMs: number) {
    this.#cursor = cursor;
    this.#peer = peer;
    this.#ticker = ticker;
    this.#stallMs = stallMs;
    const { promise, resolve } = Promise.withResolvers<DeliveryEnd>();
    this.done = promise;
    this.#settle = resolve;
    ticker.add(this);
    cursor.memory.addWatcher(this);
    this.#step();
  }

  /** Ends it from outside. */
  stop(why: string): void {
    this.#end({ ended: false, why });
  }

  /** Cuts the watcher when its write takes too long. */
  tick(): void {
    const since = this.#writingSince;
    if (since === undefined) return;
    const why = this.#ticker.overrun("took no byte", since, this.#stallMs);
    if (why) this.stop(why);
  }

  /** Milliseconds that the write under way has taken. */
  get stalledMs(): number {
    return this.#ticker.now - (this.#writingSince ?? this.#ticker.now);
  }

  /** The segment that the write under way keeps, once the log has dropped it. */
  get heldBytes(): number {
    return this.#cursor.holdsDropped ? SEGMENT_BYTES : 0;
  }

  /** Cuts the watcher, since memory is short. */
  cut(why: string): void {
    this.stop(why);
  }

  // Bound once, so that neither a wake-up nor a write allocates a closure.
  readonly #step = (): void => {
    if (this.#over) return;
    const bytes = this.#cursor.next();
    if (bytes === "wait") return this.#cursor.park(this.#step);
    if (bytes === "end") return this.#end({ ended: true });
    this.#writingSince = this.#ticker.now;
    this.#peer.write(bytes).then(this.#written, this.#failed);
  };

  readonly #written = (count: number): void => {
    this.#writingSince = undefined;
    this.#cursor.advance(count);
    this.#step();
  };

  readonly #failed = (error: unknown): void => {
    const went = error instanceof Deno.errors.BrokenPipe ||
      error instanceof Deno.errors.ConnectionReset;
    this.stop(went ? "the watcher left" : messageOf(error));
  };

  #end(end: DeliveryEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cursor.unpark(this.#step);
    this.#ticker.delete(this);
    this.#cursor.memory.deleteWatcher(this);
    this.#settle(end);
  }
}
