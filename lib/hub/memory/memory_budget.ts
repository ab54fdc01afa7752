import { Refusal } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { SEGMENT_BYTES } from "../segment_log.ts";

/** What memory is held for. */
export type MemoryKind =
  /** Segments of the channels' logs. */
  | "backlog"
  /** What the logs have dropped and slow watchers still hold, and what waits in their sockets. */
  | "unsent"
  /** What trackers hold, and the init bytes of join points. */
  | "tracker"
  /** Connections, watchers and broadcasters. */
  | "session";

/**
 * Bytes of backlog that a channel keeps however short memory is: two segments, so that half a second at
 * 8 Mbit/s is there for watchers who keep up, whatever the others do.
 */
export const BACKLOG_FLOOR_BYTES: number = 2 * SEGMENT_BYTES;

/**
 * Bytes that sessions take, as measured by the resident memory of a server with hundreds of them. What
 * a protocol copies for its framing is counted by the sender as unsent.
 */
export const SESSION_BYTES = {
  /** Any connection: socket, reader, request. */
  connection: 16 * 1024,
  /** A watcher, beside its connection. */
  watcher: 16 * 1024,
  /** A broadcaster: its reads, and what the runtime reads ahead. */
  broadcaster: 128 * 1024,
} as const;

/**
 * The share of the memory that may be promised to those who come. The rest is for what grows between two
 * looks: segments that are dropped while a write still holds them.
 */
const FIRM_SHARE = 7 / 8;

/**
 * Milliseconds without a byte taken after which a watcher that holds memory may be cut when there is too
 * little of it: longer than a lost packet takes to be sent again.
 */
const SHORT_STALL_MS = 1000;

/** Ticks between two log lines that memory is short: ten seconds. */
const LOG_TICKS = 40;

/** A channel, as far as its memory goes. */
export interface MemoryHolder {
  /** When its oldest segment was begun, if that may be dropped. */
  readonly droppableSince: number | undefined;
  /** Drops that segment, and accounts for it. */
  dropOldest(): void;
  /** Tells the budget what it holds now. */
  account(): void;
}

/** A watcher that may hold what its channel has dropped. */
export interface StalledWatcher {
  /** Milliseconds since it took a byte, while there is something to send; 0 when there is not. */
  readonly stalledMs: number;
  /** Bytes that would be free without it, as far as it holds them alone. */
  readonly heldBytes: number;
  /** Cuts it. */
  cut(why: string): void;
}

/**
 * What all backlogs, trackers and sessions may hold together. When it is used up the oldest backlog goes
 * first, down to a floor in each channel; when that is not enough, nobody new is let in; and watchers
 * that take nothing while they hold what nobody else needs are cut, the longest stalled first.
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
  #ticksSinceLog = LOG_TICKS;

  /**
   * Makes a budget of which nothing is used.
   *
   * @param limitBytes Bytes that may be held; Infinity for no bound.
   * @param logger Told when there is too little.
   */
  constructor(limitBytes: number, logger?: Logger) {
    this.limitBytes = limitBytes;
    this.#logger = logger;
  }

  /** Bytes that are held of each kind. */
  get held(): Readonly<Record<MemoryKind, number>> {
    return this.#held;
  }

  /** Bytes that are held in all. */
  get usedBytes(): number {
    const { backlog, unsent, tracker, session } = this.#held;
    return backlog + unsent + tracker + session;
  }

  /** Whether dropping backlog no longer helps: slow watchers are to be given copies of little instead of views. */
  get isShort(): boolean {
    return !this.hasRoom(0);
  }

  /** Whether so many bytes more can be promised, once old backlog has made room for them. */
  hasRoom(bytes: number): boolean {
    return this.#firmBytes + bytes <= this.limitBytes * FIRM_SHARE;
  }

  /**
   * Asks for bytes that somebody who comes will hold.
   *
   * @throws {Refusal} `limit` when there is no room for them.
   */
  admit(bytes: number): void {
    if (this.hasRoom(bytes)) return;
    throw new Refusal("limit", "the server has no memory left", this.shortage);
  }

  /** What the log is told of a refusal. */
  get shortage(): string {
    const used = (this.#firmBytes / 2 ** 20).toFixed(1);
    return `${used} MiB in use beside old backlog ` +
      `(memory of ${this.limitBytes / 2 ** 20} MiB allowed)`;
  }

  /** Counts bytes that are held from now on, or with a minus sign are not. */
  change(kind: MemoryKind, bytes: number): void {
    this.#held[kind] += bytes;
  }

  /** Counts a channel in. */
  addChannel(channel: MemoryHolder): void {
    this.#channels.add(channel);
  }

  /** Counts a channel out. */
  deleteChannel(channel: MemoryHolder): void {
    this.#channels.delete(channel);
  }

  /** Looks after a watcher. */
  addWatcher(watcher: StalledWatcher): void {
    this.#watchers.add(watcher);
  }

  /** Looks after it no more. */
  deleteWatcher(watcher: StalledWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** Drops the oldest backlog of all until what is held lies within the limit, or no more may be dropped. */
  settle(): void {
    while (this.usedBytes > this.limitBytes) {
      const oldest = this.#oldest();
      if (!oldest) return;
      oldest.dropOldest();
    }
  }

  /** Called several times a second: counts anew what grows unseen, and keeps the promise. */
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

  /** Whether more is held than may be, and what trackers hold is much of it. */
  get isOverByTrackers(): boolean {
    return this.usedBytes > this.limitBytes &&
      this.#held.tracker > this.limitBytes * (1 - FIRM_SHARE);
  }

  /** Bytes that dropping backlog does not free. */
  get #firmBytes(): number {
    const { unsent, tracker, session } = this.#held;
    const floors = this.#channels.size * BACKLOG_FLOOR_BYTES;
    return floors + unsent + tracker + session;
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

  /** Several may hold the same segment, so this may free too little; the next tick goes on. */
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
