import { Refusal } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { SEGMENT_BYTES } from "../segment_log.ts";

/** What memory is used for. */
export type MemoryKind =
  /** Segments of the channels' logs. */
  | "backlog"
  /** What slow watchers still hold of what the logs have dropped, and what waits to be sent to them. */
  | "unsent"
  /** What trackers hold, and the init segments of join points. */
  | "tracker"
  /** Connections, watchers and broadcasters. */
  | "session";

/**
 * Bytes of backlog that a live or held channel keeps even if memory is short: two segments, half a
 * second at 8 Mbit/s, so that watchers that keep up do not suffer from the others.
 */
export const BACKLOG_FLOOR_BYTES: number = 2 * SEGMENT_BYTES;

/**
 * Bytes that sessions take, as measured by the resident memory of a server with hundreds of them. What
 * a protocol copies for its framing is counted by the sender as unsent.
 */
export const SESSION_BYTES = {
  /** Any connection: socket, reader, request. */
  connection: 16 * 1024,
  /** What encrypts a connection, in addition to it. */
  tls: 24 * 1024,
  /** A watcher, in addition to its connection. */
  watcher: 16 * 1024,
  /** A broadcaster: its reads, and what the runtime reads ahead. */
  broadcaster: 128 * 1024,
} as const;

/**
 * The share of the memory that may be promised to new sessions and channels. The rest is for what grows
 * between two ticks: segments that are dropped while a write still holds them.
 */
const FIRM_SHARE = 7 / 8;

/**
 * Milliseconds without an accepted byte after which a watcher that holds memory may be cut while memory
 * is short: longer than the retransmission of a lost packet takes.
 */
const SHORT_STALL_MS = 1000;

/** Ticks between two log lines about short memory: ten seconds. */
const LOG_TICKS = 40;

/** What the budget needs of a channel. */
export interface MemoryHolder {
  /** When its oldest segment was started, if that may be dropped. */
  readonly droppableSince: number | undefined;
  /** Drops that segment, and reports it. */
  dropOldest(): void;
  /** Reports what it holds now. */
  account(): void;
}

/** A watcher that may hold what its channel has dropped. */
export interface StalledWatcher {
  /** Milliseconds since it accepted a byte, while there is something to send; otherwise 0. */
  readonly stalledMs: number;
  /** Bytes that cutting it would free, if no other watcher holds them. */
  readonly heldBytes: number;
  /** Disconnects it. */
  cut(why: string): void;
}

/**
 * What all backlogs, trackers and sessions may hold together. When it is used up, the oldest backlog is
 * dropped first, down to a floor in each live channel. If that is not enough, new sessions and channels
 * are rejected, and watchers that stall while they hold memory are cut, the longest stalled first.
 */
export class MemoryBudget {
  /** Bytes that may be held. */
  readonly limitBytes: number;
  readonly #logger: Logger | undefined;
  readonly #held: Record<MemoryKind, number> = {
    backlog: 0,
    unsent: 0,
    tracker: 0,
    session: 0,
  };
  readonly #channels: Set<MemoryHolder> = new Set();
  readonly #watchers: Set<StalledWatcher> = new Set();
  #floorBytes = 0;
  #ticksSinceLog = LOG_TICKS;

  /** Creates an unused budget of `limitBytes` bytes, or Infinity; `logger` is told when it is short. */
  constructor(limitBytes: number, logger?: Logger) {
    this.limitBytes = limitBytes;
    this.#logger = logger;
  }

  /** Bytes that are held, by kind. */
  get held(): Readonly<Record<MemoryKind, number>> {
    return this.#held;
  }

  /** Bytes that are held in total. */
  get usedBytes(): number {
    const { backlog, unsent, tracker, session } = this.#held;
    return backlog + unsent + tracker + session;
  }

  /** Whether dropping backlog no longer helps: slow watchers must get small copies instead of views. */
  get isShort(): boolean {
    return !this.hasRoom(0);
  }

  /** Whether that many more bytes can be promised, once old backlog has made room for them. */
  hasRoom(bytes: number): boolean {
    return this.#firmBytes + bytes <= this.limitBytes * FIRM_SHARE;
  }

  /**
   * Checks that there is room for what a new session or channel will hold.
   *
   * @throws {Refusal} `limit` when there is not.
   */
  admit(bytes: number): void {
    if (this.hasRoom(bytes)) return;
    throw new Refusal("limit", "the server has no memory left", this.shortage);
  }

  /** How much is used and allowed, for the log. */
  get shortage(): string {
    const used = (this.#firmBytes / 2 ** 20).toFixed(1);
    return `${used} MiB in use besides old backlog ` +
      `(memory of ${this.limitBytes / 2 ** 20} MiB allowed)`;
  }

  /** Adds bytes to what is held, or removes them if negative. */
  change(kind: MemoryKind, bytes: number): void {
    this.#held[kind] += bytes;
  }

  /** Adds bytes to the backlog that must not be dropped, or removes them if negative. */
  changeFloors(bytes: number): void {
    this.#floorBytes += bytes;
  }

  /** Adds a channel whose backlog may be dropped. */
  addChannel(channel: MemoryHolder): void {
    this.#channels.add(channel);
  }

  /** Removes a channel. */
  deleteChannel(channel: MemoryHolder): void {
    this.#channels.delete(channel);
  }

  /** Adds a watcher that may be cut. */
  addWatcher(watcher: StalledWatcher): void {
    this.#watchers.add(watcher);
  }

  /** Removes a watcher. */
  deleteWatcher(watcher: StalledWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** Drops the oldest backlog until the limit is met or no more may be dropped. */
  settle(): void {
    while (this.usedBytes > this.limitBytes) {
      const oldest = this.#oldest();
      if (!oldest) return;
      oldest.dropOldest();
    }
  }

  /** Called several times a second: counts what has grown since, and enforces the limit. */
  tick(): void {
    for (const channel of this.#channels) channel.account();
    this.settle();
    this.#ticksSinceLog++;
    if (!this.isShort) return;
    if (this.#ticksSinceLog >= LOG_TICKS) {
      this.#ticksSinceLog = 0;
      this.#logger?.log("memory-short", { ...this.#held });
    }
    this.#cutStalled(this.#firmBytes - this.limitBytes * FIRM_SHARE);
  }

  /** Whether the limit is exceeded and trackers hold much of it. */
  get isOverByTrackers(): boolean {
    return this.usedBytes > this.limitBytes &&
      this.#held.tracker > this.limitBytes * (1 - FIRM_SHARE);
  }

  /** Bytes that dropping backlog does not free. */
  get #firmBytes(): number {
    const { unsent, tracker, session } = this.#held;
    return this.#floorBytes + unsent + tracker + session;
  }

  #oldest(): MemoryHolder | undefined {
    let oldest: MemoryHolder | undefined;
    let since = Infinity;
    for (const channel of this.#channels) {
      const at = channel.droppableSince;
      if (at === undefined || at >= since) continue;
      [oldest, since] = [channel, at];
    }
    return oldest;
  }

  /** Several watchers may hold the same segment, so this may free too little; the next tick continues. */
  #cutStalled(excess: number): void {
    const stalled = [...this.#watchers]
      .filter((watcher) =>
        watcher.stalledMs >= SHORT_STALL_MS && watcher.heldBytes > 0
      )
      .sort((a, b) => b.stalledMs - a.stalledMs);
    let freed = 0;
    for (const watcher of stalled) {
      if (freed >= excess) return;
      freed += watcher.heldBytes;
      const seconds = Math.floor(watcher.stalledMs / 100) / 10;
      const limit = this.limitBytes / 2 ** 20;
      watcher.cut(
        `took no byte for ${seconds} s while memory is short ` +
          `(${SHORT_STALL_MS / 1000} s and ${limit} MiB allowed)`,
      );
    }
  }
}
