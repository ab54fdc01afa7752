import type { Start } from "../protocol/messages.ts";
import type { Channel } from "./channel.ts";
import type { Epoch } from "./epoch.ts";
import type { Join } from "./join_index.ts";

/** Where a watcher wants to begin. */
export interface StartOptions {
  /** The kind of place. */
  readonly start: Start;
  /** With `join`: seconds of media to begin with; 0: the newest join point. */
  readonly burst: number;
}

/** Picks the join point to begin at; `undefined`: there is none yet. */
type Pick = (epoch: Epoch) => Join | undefined;

/**
 * One watcher's place in a channel's log: not a queue, but an offset, so that a slow watcher costs no
 * more than a quick one and a busy moment coalesces by itself. When the log's tail has passed the
 * offset, the watcher goes on at the newest join point.
 */
export class Cursor {
  readonly #channel: Channel;
  #epoch: Epoch;
  #pick: Pick;
  /** Sent before anything at the offset: init and prefix. */
  #lead: Uint8Array[] = [];
  #offset: number | undefined;
  /** Bytes of the lead and the log that have been taken. */
  sentBytes = 0;
  /** How often the watcher was too slow and went on at a newer join point. */
  skips = 0;
  /** Bytes of the log that it lost by that. */
  skippedBytes = 0;

  /**
   * @param channel The channel to watch.
   * @param options Where to begin.
   */
  constructor(channel: Channel, options: StartOptions) {
    this.#channel = channel;
    this.#epoch = channel.epoch;
    this.#pick = picker(options, channel.log.last);
  }

  /**
   * The next bytes to send: as many as lie contiguously, without a copy.
   *
   * @returns A slice that stays valid, `wait` when there is nothing yet (park the watcher), or `end`
   * when there will be nothing more.
   */
  next(): Uint8Array | "wait" | "end" {
    if (this.#lead.length > 0) return this.#lead[0]!;
    if (this.#offset === undefined) {
      if (!this.#begin()) return this.#channel.ended ? "end" : "wait";
      return this.next();
    }
    if (this.#offset < this.#channel.log.first) return this.#skip(this.#offset);
    if (this.#offset === this.#epoch.end) return this.#crossOver();
    const bytes = this.#channel.log.read(this.#offset);
    if (bytes.length === 0) return "wait";
    if (this.#epoch.end === undefined) return bytes;
    return bytes.subarray(0, this.#epoch.end - this.#offset);
  }

  /**
   * Moves on behind bytes that have been sent.
   *
   * @param count How many bytes of what `next` gave.
   */
  advance(count: number): void {
    this.sentBytes += count;
    const lead = this.#lead[0];
    if (!lead) this.#offset! += count;
    else if (count < lead.length) this.#lead[0] = lead.subarray(count);
    else this.#lead.shift();
  }

  /** Calls `wake` once when `next` may have more to say. */
  park(wake: () => void): void {
    this.#channel.park(wake);
  }

  /** Takes back a {@linkcode Cursor.park}. */
  unpark(wake: () => void): void {
    this.#channel.unpark(wake);
  }

  #begin(): boolean {
    while (this.#epoch.next) this.#epoch = this.#epoch.next;
    // What a held channel last sent is past; its watchers wait for the broadcaster to come back.
    if (this.#epoch.end !== undefined && !this.#channel.ended) return false;
    const join = this.#pick(this.#epoch);
    if (!join) return false;
    this.#lead = [join.init, join.prefix].filter((part) =>
      part !== undefined && part.length > 0
    ) as Uint8Array[];
    this.#offset = join.offset;
    return true;
  }

  #skip(from: number): ReturnType<Cursor["next"]> {
    this.skips++;
    this.#pick = newestJoin;
    this.#offset = undefined;
    const next = this.next();
    this.skippedBytes += (this.#offset ?? this.#channel.log.first) - from;
    return next;
  }

  #crossOver(): ReturnType<Cursor["next"]> {
    if (!this.#epoch.next) return this.#channel.ended ? "end" : "wait";
    this.#epoch = this.#epoch.next;
    this.#pick = oldestJoin;
    this.#offset = undefined;
    return this.next();
  }
}

function picker(options: StartOptions, last: number): Pick {
  if (options.start === "oldest") return oldestJoin;
  if (options.start === "live") return (epoch) => epoch.joins.atOrAfter(last);
  return options.burst > 0 ? (epoch) => epoch.back(options.burst) : newestJoin;
}

function newestJoin(epoch: Epoch): Join | undefined {
  return epoch.joins.newest;
}

function oldestJoin(epoch: Epoch): Join | undefined {
  return epoch.joins.oldest;
}
