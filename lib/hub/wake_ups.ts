import type { LingerTime } from "../config/values.ts";
import type { AutoLinger } from "./auto_linger.ts";
import type { ChannelOptions } from "./channel_options.ts";
import { Linger } from "./linger.ts";
import { WakeList } from "./wake_list.ts";

/** Wakes the watchers of a channel when there is something to send, at once or once enough bytes have come. */
export class WakeUps {
  /** How long small pieces may wait for more. */
  linger: LingerTime = 0;
  /** Watchers that need what comes next at once, because they have not started yet. */
  readonly #starting: WakeList = new WakeList();
  /** Watchers that have sent everything, and may wait while bytes linger. */
  readonly #following: WakeList = new WakeList();
  readonly #linger: Linger;
  readonly #autoLinger: AutoLinger | undefined;
  #last = 0;

  /** Makes the lists of a new log, where no watcher waits. */
  constructor(
    { autoLinger, now, totals }: Pick<
      ChannelOptions,
      "autoLinger" | "now" | "totals"
    >,
  ) {
    this.#autoLinger = autoLinger;
    this.#linger = new Linger({
      delayMs: () => this.lingerMs,
      now,
      totals,
      onTimeout: () => this.release(this.#last),
    });
  }

  /** Offset in the log up to which bytes are released to watchers that have sent everything before. */
  get head(): number {
    return this.#linger.head;
  }

  /** Milliseconds that bytes may linger at present. */
  get lingerMs(): number {
    return this.linger === "auto"
      ? this.#autoLinger?.delayMs ?? 0
      : this.linger * 1000;
  }

  /**
   * Wakes for new bytes, unless they wait for more.
   *
   * @param last Offset behind the newest byte.
   * @param maxBytes Bytes that may wait at most.
   */
  arrived(last: number, maxBytes: number): void {
    this.#last = last;
    this.#autoLinger?.arrived(this.#following.size);
    // With no watcher to wake there is nothing to save.
    const lingers = this.#following.size > 0 &&
      this.#linger.holds(last, maxBytes);
    if (lingers) this.#starting.wake();
    else this.release(last);
  }

  /** Wakes every watcher for everything up to `last`. */
  release(last: number): void {
    this.#last = last;
    this.#linger.release(last);
    this.#autoLinger?.woken(this.#following.size);
    this.#starting.wake();
    this.#following.wake();
  }

  /** Calls `wake` once; `follows` is whether the watcher has sent everything up to the head. */
  park(wake: () => void, follows: boolean): void {
    (follows ? this.#following : this.#starting).add(wake);
  }

  /** Cancels a {@linkcode WakeUps.park}. */
  unpark(wake: () => void): void {
    this.#starting.delete(wake);
    this.#following.delete(wake);
  }
}
