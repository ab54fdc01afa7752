import type { Broadcast } from "./broadcast.ts";
import type { Channel } from "./channel.ts";

/** How far one watcher may lag, and where it leaves the stream when it lags more. */
export class LagLimit {
  readonly #channel: Channel;
  /** Bytes that it lags with good reason; shrinks while a watcher that started far back catches up. */
  #excused = Infinity;

  /** Follows the limit of a channel. */
  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Lets a watcher lag as much as it does where it starts, if that is more than usual. */
  start(offset: number): void {
    this.#excused = this.#channel.log.last - offset;
  }

  /** Where a watcher that lags too much must leave the stream; Infinity for all others. */
  leavesAt(offset: number, { joins }: Broadcast): number {
    const { log, maxLag, lateness } = this.#channel;
    const lag = log.last - offset;
    if (lag <= Math.max(this.#excused, maxLag) || lateness.isExcuse) {
      // A watcher that started far back may lag as it did, but must not fall back again.
      this.#excused = lag;
      return Infinity;
    }
    const join = joins.leavingAt(offset);
    return !join || join === joins.newest ? Infinity : join.leave;
  }
}
