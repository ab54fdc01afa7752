import type { TrackerFactory } from "../media/tracker.ts";
import { ArrivalStats } from "./arrival_stats.ts";
import { ChannelMemory, type SegmentHolder } from "./channel_memory.ts";
import { Epoch, type OnCorruption } from "./epoch.ts";
import {
  BACKLOG_FLOOR_BYTES,
  MemoryBudget,
  type MemoryHolder,
} from "./memory_budget.ts";
import { SEGMENT_BYTES, SegmentLog } from "./segment_log.ts";

/** Counts over the whole life of a hub, for its metrics. */
export interface Totals {
  /** Media received from broadcasters. */
  receivedBytes: number;
  /** Bytes sent to watchers. */
  sentBytes: number;
  /** Times a watcher was too slow and went on at a newer join point. */
  skips: number;
}

/** What a channel is made of. */
export interface ChannelOptions {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** What watchers have to give; empty: nothing. */
  readonly password: string;
  /** Bytes that are kept for who joins late or falls behind. */
  readonly backlogBytes: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Where bytes and skips are counted. */
  readonly totals: Totals;
  /** What all channels may hold together. Default no bound. */
  readonly memory?: MemoryBudget;
  /** Tells whether watchers lag because the server itself is late. Default never. */
  readonly isLate?: () => boolean;
}

/**
 * Zero bytes that complete the unit in which a broadcast broke off, at most: a fragment of four seconds
 * at 8 Mbit/s. Decoders take what follows for the rest of the unit, and with it the next broadcast's
 * init and first key frame. Watchers may not lag because of it, so it is half of the backlog at most.
 */
const MAX_PADDING_BYTES = 4 * 1024 * 1024;

/** Where a channel stands. */
export type ChannelState = "live" | "held" | "ended";

/** One channel: the log of what was broadcast, and who waits for more. */
export class Channel implements MemoryHolder {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** What watchers have to give; empty: nothing. */
  readonly password: string;
  /** The bytes. */
  readonly log: SegmentLog;
  /** How many watch. */
  watchers = 0;
  /** Counts of the whole hub. */
  readonly totals: Totals;
  /** Seconds of media that a watcher who does not say is sent at once. */
  burst = 0;
  /** How often a watcher was too slow and went on at a newer join point. */
  skips = 0;
  /** Milliseconds on the hub's clock, which never goes back. */
  readonly now: () => number;
  /** What all channels may hold together. */
  readonly memory: MemoryBudget;
  /** Whether watchers lag because the server itself is late. */
  readonly isLate: () => boolean;
  readonly #backlogBytes: number;
  /** Bytes of backlog that the memory of all has left it. */
  #leftBytes = Infinity;
  readonly #held: ChannelMemory;
  readonly #watching: Set<SegmentHolder> = new Set();
  #state: ChannelState = "held";
  #epoch: Epoch | undefined;
  #arrivals: ArrivalStats;
  #liveSince: number;
  // Two sets that change places, so that waking allocates nothing and a watcher that parks again
  // while it is being woken is not woken twice.
  #parked: Set<() => void> = new Set();
  #waking: Set<() => void> = new Set();

  /**
   * Makes a channel, which waits for its first broadcast.
   *
   * @param options Whose, how named, how protected, how large.
   */
  constructor(options: ChannelOptions) {
    this.user = options.user;
    this.name = options.name;
    this.password = options.password;
    this.log = new SegmentLog(options.backlogBytes);
    this.#backlogBytes = Math.max(options.backlogBytes, SEGMENT_BYTES);
    this.now = options.now;
    this.totals = options.totals;
    this.memory = options.memory ?? new MemoryBudget(Infinity);
    this.isLate = options.isLate ?? never;
    this.#held = new ChannelMemory(this.memory, this.log);
    this.memory.addChannel(this);
    this.#liveSince = this.now();
    this.#arrivals = new ArrivalStats(this.#liveSince);
  }

  /** `live` while somebody broadcasts, `held` while watchers wait for him to come back. */
  get state(): ChannelState {
    return this.#state;
  }

  /** Whether nothing will ever come any more. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** The newest broadcast. */
  get epoch(): Epoch {
    return this.#epoch!;
  }

  /** How the newest broadcast comes in. */
  get arrivals(): ArrivalStats {
    return this.#arrivals;
  }

  /**
   * Bytes that a watcher may lag before it goes on at a newer join point: half of the backlog, so that
   * it finds a place to leave the stream in the other half.
   */
  get maxLag(): number {
    return Math.min(this.#backlogBytes, this.#leftBytes) / 2;
  }

  /** When the newest broadcast began, in milliseconds on the hub's clock. */
  get liveSince(): number {
    return this.#liveSince;
  }

  /**
   * Opens the next broadcast.
   *
   * @param factory Makes the tracker that watches its bytes.
   * @param onCorruption Told of corrupted media.
   */
  open(factory: TrackerFactory, onCorruption: OnCorruption): void {
    const before = this.#epoch;
    if (before) this.#complete(before);
    this.#epoch = new Epoch(this.log.last, factory, this.now, onCorruption);
    if (before) before.next = this.#epoch;
    this.#liveSince = this.now();
    this.#arrivals = new ArrivalStats(this.#liveSince);
    this.#state = "live";
  }

  /** Takes the broadcast's next bytes, which are copied once, and wakes who waits for them. */
  append(bytes: Uint8Array): void {
    this.#arrivals.arrived(bytes.length, this.now());
    this.totals.receivedBytes += bytes.length;
    this.epoch.push(bytes);
    const { heldBytes, first } = this.log;
    this.log.append(bytes, this.now());
    if (this.log.heldBytes !== heldBytes || this.log.first !== first) {
      this.account();
      this.memory.settle();
    }
    this.epoch.joins.trim(this.log.first);
    this.#wake();
  }

  /** Counts a watcher in, and what it holds of the log. */
  enter(holder: SegmentHolder): void {
    this.watchers++;
    this.#watching.add(holder);
  }

  /** Counts it out. */
  leave(holder: SegmentHolder): void {
    this.watchers--;
    this.#watching.delete(holder);
    this.#releaseWhenOver();
  }

  /** When its oldest segment was begun, if it has more than the floor of a backlog. */
  get droppableSince(): number | undefined {
    const { heldBytes, oldestAt } = this.log;
    return heldBytes > BACKLOG_FLOOR_BYTES ? oldestAt : undefined;
  }

  /** Drops the oldest segment, so that others find room. */
  dropOldest(): void {
    this.log.freeOldest();
    this.#leftBytes = this.log.heldBytes;
    this.epoch.joins.trim(this.log.first);
    this.account();
  }

  /** Tells the memory of all what it holds. */
  account(): void {
    this.#held.account(this.#watching, this.trackerBytes);
  }

  /** Bytes that its tracker and its join points hold. */
  get trackerBytes(): number {
    const { heldBytes, joins } = this.epoch;
    return heldBytes + joins.heldBytes;
  }

  /** Called several times a second: lets those join who wait for a stream to be recognised. */
  settle(): void {
    // Nothing was dropped since: what was left of the backlog may grow again.
    if (this.log.heldBytes > this.#leftBytes) this.#leftBytes = Infinity;
    if (this.#state !== "live" || this.epoch.info) return;
    this.epoch.settle();
    if (this.epoch.info) this.#wake();
  }

  /** The broadcast is over, and the next one is waited for. */
  hold(): void {
    this.epoch.close(this.log.last);
    this.#state = "held";
    this.#wake();
  }

  /** The channel is over; watchers get what is left of it. */
  end(): void {
    this.epoch.close(this.log.last);
    this.#state = "ended";
    this.#wake();
    this.#releaseWhenOver();
  }

  /** Calls `wake` once when there is more to send, or the end. */
  park(wake: () => void): void {
    this.#parked.add(wake);
  }

  /** Takes back a {@linkcode Channel.park}. */
  unpark(wake: () => void): void {
    this.#parked.delete(wake);
    this.#waking.delete(wake);
  }

  /** An ended channel holds its log until the last watcher has what is left of it. */
  #releaseWhenOver(): void {
    if (!this.ended || this.#watching.size > 0) return;
    this.memory.deleteChannel(this);
    this.#held.release();
  }

  /** Ends a broadcast that another one follows; its watchers go over in step with the media's units. */
  #complete(epoch: Epoch): void {
    const missing = epoch.missingBytes;
    if (missing <= Math.min(MAX_PADDING_BYTES, this.maxLag)) {
      this.log.append(new Uint8Array(missing));
    }
    epoch.close(this.log.last);
  }

  #wake(): void {
    [this.#parked, this.#waking] = [this.#waking, this.#parked];
    for (const wake of this.#waking) wake();
    this.#waking.clear();
  }
}

function never(): boolean {
  return false;
}
