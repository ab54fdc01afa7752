import type { TrackerFactory } from "../media/tracker.ts";
import { Epoch, type OnDamage } from "./epoch.ts";
import { SegmentLog } from "./segment_log.ts";

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
}

/** Where a channel stands. */
export type ChannelState = "live" | "held" | "ended";

/** One channel: the log of what was broadcast, and who waits for more. */
export class Channel {
  readonly user: string;
  readonly name: string;
  readonly password: string;
  /** The bytes. */
  readonly log: SegmentLog;
  /** How many watch. */
  watchers = 0;
  readonly #now: () => number;
  #state: ChannelState = "held";
  #epoch: Epoch | undefined;
  // Two sets that change places, so that waking allocates nothing and a watcher that parks again
  // while it is being woken is not woken twice.
  #parked: Set<() => void> = new Set();
  #waking: Set<() => void> = new Set();

  /** @param options Whose, how named, how protected, how large. */
  constructor(options: ChannelOptions) {
    this.user = options.user;
    this.name = options.name;
    this.password = options.password;
    this.log = new SegmentLog(options.backlogBytes);
    this.#now = options.now;
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

  /**
   * Opens the next broadcast.
   *
   * @param factory Makes the tracker that watches its bytes.
   * @param onDamage Told of damaged media.
   */
  open(factory: TrackerFactory, onDamage: OnDamage): void {
    const before = this.#epoch;
    if (before) before.end ??= this.log.last;
    this.#epoch = new Epoch(this.log.last, factory, this.#now, onDamage);
    if (before) before.next = this.#epoch;
    this.#state = "live";
  }

  /** Takes the broadcast's next bytes, which are copied once, and wakes who waits for them. */
  append(bytes: Uint8Array): void {
    this.epoch.push(bytes);
    this.log.append(bytes);
    this.epoch.joins.trim(this.log.first);
    this.#wake();
  }

  /** The broadcast is over, and the next one is waited for. */
  hold(): void {
    this.epoch.end = this.log.last;
    this.#state = "held";
    this.#wake();
  }

  /** The channel is over; watchers get what is left of it. */
  end(): void {
    this.epoch.end = this.log.last;
    this.#state = "ended";
    this.#wake();
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

  #wake(): void {
    [this.#parked, this.#waking] = [this.#waking, this.#parked];
    for (const wake of this.#waking) wake();
    this.#waking.clear();
  }
}
