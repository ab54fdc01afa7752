import { AUTO_MAX_LAG, type MaxLag } from "../config/values.ts";
import { SAMPLE_MS } from "./arrival_times.ts";
import type { Channel } from "./channel.ts";
import { SEGMENT_BYTES } from "./segment_log.ts";

/**
 * How far the watchers of a channel may lag: half of the backlog at most, so that they find a place to leave the stream
 * in the other half. A time stands for the bytes that have arrived in it.
 */
export class AllowedLag {
  /** Bytes of backlog that the memory budget has left the channel. */
  leftBytes: number;
  readonly #channel: Pick<Channel, "log" | "now" | "lingerMs">;
  readonly #backlogBytes: number;
  #limit = AUTO_MAX_LAG;
  /** Offset of the first byte that came within the time, as of a moment ago. */
  #from = 0;
  #measuredAt = -Infinity;

  /** Lets watchers lag as far as a backlog of that size allows. */
  constructor(
    channel: Pick<Channel, "log" | "now" | "lingerMs">,
    backlogBytes: number,
  ) {
    this.leftBytes = Infinity;
    this.#channel = channel;
    this.#backlogBytes = Math.max(backlogBytes, SEGMENT_BYTES);
  }

  /** What is set for the channel; `undefined` leaves it to the backlog. */
  set limit(limit: MaxLag | undefined) {
    this.#limit = limit ?? AUTO_MAX_LAG;
    this.#measuredAt = -Infinity;
  }

  /** What is set for the channel. */
  get limit(): MaxLag {
    return this.#limit;
  }

  /** Bytes that a watcher may lag at present. */
  get bytes(): number {
    const { bytes, seconds } = this.#limit;
    const most = Math.min(this.#backlogBytes, this.leftBytes) / 2;
    if (seconds === Infinity) return Math.min(bytes, most);
    return Math.min(this.#arrivedIn(seconds), most);
  }

  /** Called several times a second: the backlog may grow again once nothing is dropped any more. */
  settle(): void {
    if (this.#channel.log.heldBytes > this.leftBytes) this.leftBytes = Infinity;
  }

  #arrivedIn(seconds: number): number {
    const { log, now, lingerMs } = this.#channel;
    const at = now();
    // Every watcher asks before each write, and no answer can be finer than a sample.
    if (at - this.#measuredAt >= SAMPLE_MS) {
      this.#measuredAt = at;
      // That bytes linger is no fault of a watcher.
      this.#from = log.arrivedSince(at - seconds * 1000 - lingerMs);
    }
    return log.last - this.#from;
  }
}
