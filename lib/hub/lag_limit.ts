import type { Broadcast } from "./broadcast.ts";
import type { Channel } from "./channel.ts";

/** How far one watcher may lag, and where it leaves the stream when it lags more. */
export class LagLimit {
  readonly #channel: Channel;
  /** Bytes that the watcher may lag; shrinks while a watcher that started far back catches up. */
  #maxLag = Infinity;

  /** Follows the limit of a channel. */
  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Lets a watcher lag as much as it does where it starts, if that is more than usual. */
  start(offset: number): void {
    const { log, maxLag } = this.#channel;
    this.#maxLag = Math.max(maxLag, log.last - offset);
  }

  /** Where a watcher that lags too much must leave the stream; Infinity for all others. */
  leavesAt(offset: number, { joins }: Broadcast): number {
    const lag = this.#channel.log.last - offset;
    if (lag <= this.#maxLag || this.#channel.lateness.isExcuse) {
      // A watcher that started far back may lag as it did, but must not fall back again.
      this.#maxLag = Math.max(this.#channel.maxLag, lag);
      return Infinity;
    }
    const join = joins.leavingAt(offset);
    return !join || join === joins.newest ? Infinity : join.leave;
  }
}
