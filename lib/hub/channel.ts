import { AllowedLag } from "./allowed_lag.ts";
import { ArrivalStats } from "./arrival_stats.ts";
import { Broadcast } from "./broadcast.ts";
import type {
  ChannelEnd,
  ChannelOptions,
  ChannelState,
  OnRevoked,
  OpenOptions,
  RevokeCause,
  Totals,
} from "./channel_options.ts";
import type { LingerTime } from "../config/values.ts";
import { Segmenter } from "../hls/segmenter.ts";
import { ChannelMemory, type SegmentHolder } from "./memory/channel_memory.ts";
import {
  BACKLOG_FLOOR_BYTES,
  MemoryBudget,
  type MemoryHolder,
} from "./memory/memory_budget.ts";
import { HlsAudience } from "./hls_audience.ts";
import { Lateness } from "./lateness.ts";
import { PastBroadcasts } from "./past_broadcasts.ts";
import { padLastUnit } from "./pad_last_unit.ts";
import { SEGMENT_BYTES, SegmentLog } from "./segment_log.ts";
import { WakeUps } from "./wake_ups.ts";
import type { Watcher } from "./watcher.ts";

/** One channel: the log of what was broadcast, its broadcasts, and the watchers that wait for more. */
export class Channel implements MemoryHolder {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** The password that watchers must give; empty for none. */
  readonly password: string;
  /** The bytes. */
  readonly log: SegmentLog;
  /** The same bytes as the segments of an HLS playlist. */
  readonly segments: Segmenter = new Segmenter();
  /** Those who watch over a connection of their own, in the order in which they came. */
  readonly audience: Set<Watcher> = new Set();
  /** Those who watch by HLS, as far as they can be told apart. */
  readonly hlsAudience: HlsAudience;
  /** Counts of the whole hub. */
  readonly totals: Totals;
  /** Seconds of media that a watcher is sent at once if it does not ask for a burst. */
  burst = 0;
  /** How it ended, once it has. */
  howEnded: ChannelEnd = "ended";
  /** How often a watcher was too slow and continued at a newer join point. */
  skips = 0;
  /** Milliseconds on the hub's clock, which never goes back. */
  readonly now: () => number;
  /** What all channels may hold together. */
  readonly memory: MemoryBudget;
  /** Whether it is fed from another server. */
  isRemote = false;
  /** How far watchers may lag. */
  readonly allowedLag: AllowedLag;
  /** Whether watchers lag through no fault of their own. */
  readonly lateness: Lateness;
  readonly #held: ChannelMemory;
  readonly #watching: Set<SegmentHolder> = new Set();
  readonly #past: PastBroadcasts = new PastBroadcasts();
  readonly #wakeUps: WakeUps;
  #state: ChannelState = "held";
  #broadcast: Broadcast | undefined;
  #onRevoked: OnRevoked | undefined;
  /** Counts the connections that have fed it, so that only the newest one does. */
  feed = 0;
  /** Whether it is held because a connection broke, so that its broadcast can be continued. */
  #isBroken = false;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;
  /** How the newest broadcast arrives. */
  arrivals: ArrivalStats;
  /** When the newest broadcast began, in milliseconds on the hub's clock. */
  liveSince: number;
  #reportedSkips = 0;

  /** Creates a channel, which waits for its first broadcast. */
  constructor(options: ChannelOptions) {
    this.user = options.user;
    this.name = options.name;
    this.password = options.password;
    this.log = new SegmentLog(options.backlogBytes);
    this.now = options.now;
    this.totals = options.totals;
    this.memory = options.memory ?? new MemoryBudget(Infinity);
    this.hlsAudience = new HlsAudience(this);
    this.lateness = new Lateness(options);
    this.#held = new ChannelMemory(this.memory, this.log);
    this.memory.addChannel(this);
    this.#wakeUps = new WakeUps(options);
    this.allowedLag = new AllowedLag(this, options.backlogBytes);
    this.liveSince = this.now();
    this.arrivals = new ArrivalStats(this.liveSince);
  }

  /** Whether there is a broadcaster, watchers are held for one, or nothing more will come. */
  get state(): ChannelState {
    return this.#state;
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** How many watch: those of HLS too, which have no connection of their own. */
  get watchers(): number {
    return this.audience.size + this.segments.watchers;
  }

  /** The newest broadcast. */
  get broadcast(): Broadcast {
    return this.#broadcast!;
  }

  /** Offset in the log up to which bytes are released to watchers that have sent everything before. */
  get head(): number {
    return this.#wakeUps.head;
  }

  /** Milliseconds that bytes may linger at present. */
  get lingerMs(): number {
    return this.#wakeUps.lingerMs;
  }

  /** How long small pieces may wait for more. */
  get linger(): LingerTime {
    return this.#wakeUps.linger;
  }

  set linger(time: LingerTime) {
    this.#wakeUps.linger = time;
  }

  /** Whether its broadcast can be continued by another connection. */
  get isResumable(): boolean {
    return this.#state === "live" || (this.#state === "held" && this.#isBroken);
  }

  /** Bytes that a watcher may lag before it continues at a newer join point. */
  get maxLag(): number {
    return this.allowedLag.bytes;
  }

  /** Starts the next broadcast. */
  open({ onRevoked, ...options }: OpenOptions): void {
    clearTimeout(this.#holdTimer);
    const before = this.#broadcast;
    if (before) this.#complete(before);
    const { now, log: { last: begin } } = this;
    const onJoin = this.segments.join.bind(this.segments);
    this.#broadcast = new Broadcast({ ...options, begin, now, onJoin });
    this.segments.begin(this.#broadcast.id, begin);
    if (before) {
      before.next = this.#broadcast;
      this.#past.add(before);
      this.#trim();
    }
    this.#attach(onRevoked, options.entry !== undefined);
    this.liveSince = now();
    this.arrivals = new ArrivalStats(this.liveSince);
    this.#wakeUps.release(this.log.last); // What completes the broadcast before.
  }

  /** Continues the current broadcast with another connection, or another server, in place of the last one. */
  resume(onRevoked?: OnRevoked, isRemote = false): void {
    this.revoke("continued by a newer connection", "resumed");
    clearTimeout(this.#holdTimer);
    this.broadcast.reopen();
    this.#attach(onRevoked, isRemote);
  }

  #attach(onRevoked: OnRevoked | undefined, isRemote: boolean): void {
    this.isRemote = isRemote;
    this.#onRevoked = onRevoked;
    this.feed++;
    this.#state = "live";
  }

  /**
   * Appends the broadcast's next bytes, which are copied, and wakes the watchers that wait.
   *
   * @param age Milliseconds since another server received them.
   */
  append(bytes: Uint8Array, age = 0): void {
    const now = this.now();
    if (age === 0) this.arrivals.arrived(bytes.length, now);
    this.totals[this.isRemote ? "relayedBytes" : "receivedBytes"] +=
      bytes.length;
    this.broadcast.push(bytes, age);
    const { heldBytes, first } = this.log;
    this.log.append(bytes, now);
    if (this.log.heldBytes !== heldBytes || this.log.first !== first) {
      this.account();
      this.memory.settle();
      this.#past.trim(this.log.first);
    }
    this.#trimNewest();
    this.#wakeUps.arrived(this.log.last, this.maxLag / 2);
  }

  /** Takes the channel away from its broadcaster, if it has one. */
  revoke(why: string, cause: RevokeCause): void {
    if (this.broadcast.isOver) return;
    // Closed first: the broadcaster may try to end it when it is told.
    this.broadcast.close(this.log.last);
    this.#onRevoked?.(why, cause);
  }

  /**
   * Ends the broadcast, and keeps the watchers for the next one.
   *
   * @param isBroken Whether its connection broke, so that it can be continued.
   * @param onTimeout Called if nothing follows in time.
   */
  hold(seconds: number, isBroken: boolean, onTimeout: () => void): void {
    this.broadcast.close(this.log.last);
    if (!isBroken) this.segments.finish(this.broadcast);
    this.#state = "held";
    this.#isBroken = isBroken;
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(onTimeout, seconds * 1000);
    this.#wakeUps.release(this.log.last);
  }

  /** Ends the channel; watchers get what is left of it, unless it is {@linkcode Channel.drop}ped. */
  end(how: ChannelEnd): void {
    this.howEnded = how;
    clearTimeout(this.#holdTimer);
    this.broadcast.close(this.log.last);
    this.segments.finish(this.broadcast);
    this.broadcast.releaseTracker();
    this.#state = "ended";
    this.#held.end();
    this.hlsAudience.close();
    this.account();
    this.#wakeUps.release(this.log.last);
    this.#releaseWhenOver();
  }

  /** Drops what an ended channel still holds for its watchers, which end. */
  drop(): void {
    this.log.clear();
    this.#trim();
    this.account();
  }

  /** Adds a reader of the log, and what it holds of it. */
  enter(holder: SegmentHolder): void {
    this.#watching.add(holder);
  }

  /** Removes a reader. */
  leave(holder: SegmentHolder): void {
    this.#watching.delete(holder);
    this.#releaseWhenOver();
  }

  /** When its oldest segment was started, if it has more than the floor of its backlog. */
  get droppableSince(): number | undefined {
    const { heldBytes, oldestAt } = this.log;
    const floor = this.ended ? 0 : BACKLOG_FLOOR_BYTES;
    return heldBytes > floor ? oldestAt : undefined;
  }

  /** Drops the oldest segment, to make room for others. */
  dropOldest(): void {
    if (this.log.heldBytes <= SEGMENT_BYTES) return this.drop();
    this.log.freeOldest();
    this.allowedLag.leftBytes = this.log.heldBytes;
    this.#trim();
    this.account();
  }

  /** Reports what it holds to the memory budget. */
  account(): void {
    this.#held.account(this.#watching, this.trackerBytes);
  }

  /** Bytes that its tracker and its join points hold. */
  get trackerBytes(): number {
    return this.broadcast.heldBytes + this.#past.heldBytes +
      this.segments.heldBytes;
  }

  /** Called several times a second: lets watchers in that wait for a stream to be recognised. */
  settle(): void {
    this.allowedLag.settle();
    if (this.#state !== "live" || this.broadcast.info) return;
    this.broadcast.settle();
    if (this.broadcast.info) this.#wakeUps.release(this.log.last);
  }

  /** The broadcasts that the log still has a join point of, and the current one, oldest first. */
  get broadcasts(): readonly Broadcast[] {
    return [...this.#past.all, this.broadcast];
  }

  /** How many skips there were since the last call. */
  takeSkips(): number {
    const skips = this.skips - this.#reportedSkips;
    this.#reportedSkips = this.skips;
    return skips;
  }

  /**
   * Calls `wake` once, when there is more to send or the channel has ended.
   *
   * @param follows Whether the watcher has sent everything up to the head, and can wait while bytes linger.
   */
  park(wake: () => void, follows = false): void {
    this.#wakeUps.park(wake, follows);
  }

  /** Cancels a {@linkcode Channel.park}. */
  unpark(wake: () => void): void {
    this.#wakeUps.unpark(wake);
  }

  /** An ended channel keeps its log until the last watcher has what is left of it. */
  #releaseWhenOver(): void {
    if (!this.ended || this.#watching.size > 0) return;
    this.memory.deleteChannel(this);
    this.#held.release();
  }

  /** Completes a broadcast that another one follows, so that watchers cross at a unit's end. */
  #complete(broadcast: Broadcast): void {
    padLastUnit(broadcast, this.log, this.maxLag);
    broadcast.close(this.log.last);
    this.segments.finish(broadcast);
    broadcast.releaseTracker();
  }

  /** Removes the join points and segments whose bytes are gone, of earlier broadcasts too. */
  #trim(): void {
    this.#past.trim(this.log.first);
    this.#trimNewest();
  }

  #trimNewest(): void {
    const { first } = this.log;
    this.broadcast.trim(first);
    this.segments.trim(first);
  }
}
