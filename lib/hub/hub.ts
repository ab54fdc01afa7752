import { type ChannelLimits, NO_LIMITS } from "../auth/rights.ts";
import { Refusal } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { Broadcast, type BroadcastEnd } from "./broadcast.ts";
import { Channel, type Totals } from "./channel.ts";
import { Cursor } from "./cursor.ts";
import type { HubOptions } from "./hub_options.ts";
import {
  BACKLOG_FLOOR_BYTES,
  MemoryBudget,
  SESSION_BYTES,
} from "./memory_budget.ts";
import { Waiters } from "./waiters.ts";
import type { BroadcastClaim, Watch, WatchWish } from "./wishes.ts";

export type { BroadcastClaim, HubOptions, Watch, WatchWish };

/** Milliseconds between two log lines about slow watchers. */
const SKIP_LOG_MS = 1000;

/** Every channel that is live or held, by user and name: the only door for every front. */
export class Hub {
  /** What all backlogs, trackers and sessions may hold together. */
  readonly memory: MemoryBudget;
  readonly #options: HubOptions;
  readonly #logger: Logger;
  readonly #users: Map<string, Map<string, Channel>> = new Map();
  readonly #live: Map<Channel, Broadcast> = new Map();
  readonly #holds: Map<Channel, ReturnType<typeof setTimeout>> = new Map();
  readonly #waiters: Waiters;
  readonly #skipsLogged: WeakMap<Channel, number> = new WeakMap();
  #skipsLoggedAt = -Infinity;
  #closed = false;

  /**
   * Makes a hub without channels.
   *
   * @param options Bounds and helpers.
   * @param logger Told of channels that begin, are held and end.
   */
  constructor(options: HubOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    this.memory = new MemoryBudget(options.memoryBytes ?? Infinity, logger);
    this.#waiters = new Waiters(options.watchersPerChannel);
  }

  /** The channels that are live or held. */
  channels(): Channel[] {
    return [...this.#users.values()].flatMap((
      channels,
    ) => [...channels.values()]);
  }

  /** Counts of all channels, past and present. */
  readonly totals: Totals = { receivedBytes: 0, sentBytes: 0, skips: 0 };

  /**
   * Called several times a second: settles streams that are not recognised, logs, once a second at most,
   * how often watchers were too slow, and keeps what is held within the memory.
   */
  tick(): void {
    const now = this.#options.now();
    const logs = now - this.#skipsLoggedAt >= SKIP_LOG_MS;
    if (logs) this.#skipsLoggedAt = now;
    for (const channel of this.channels()) {
      channel.settle();
      if (logs) this.#logSkipsOf(channel);
    }
    this.memory.tick();
    if (this.memory.isOverByTrackers) this.#endHeaviest();
  }

  /** Streams hold a few KB of headers; what fills the memory with them was made for that. */
  #endHeaviest(): void {
    const [heaviest] = this.channels().sort((a, b) =>
      b.trackerBytes - a.trackerBytes
    );
    if (!heaviest) return;
    const { shortage } = this.memory;
    const why = `its headers hold ${heaviest.trackerBytes} bytes: ${shortage}`;
    this.#end(heaviest, why);
  }

  #logSkipsOf(channel: Channel): void {
    const { user, name, skips } = channel;
    const before = this.#skipsLogged.get(channel) ?? 0;
    if (skips === before) return;
    this.#skipsLogged.set(channel, skips);
    this.#logger.log("watch-skip", {
      user,
      channel: name,
      skips: skips - before,
    });
  }

  /**
   * Puts a channel on the air. Whoever broadcasts on it already is cut: the same user's old connection
   * is a dead one more often than not. Its watchers stay, unless the password changed.
   *
   * @throws {Refusal} `limit` when the user has too many channels or there is no memory for one more,
   *     `busy` when the hub is closed.
   */
  broadcast(claim: BroadcastClaim): Broadcast {
    if (this.#closed) throw new Refusal("busy", "the server stops");
    const channel = this.#claim(claim);
    const { user, name } = channel;
    channel.burst = claim.burst ?? this.#options.burstSeconds;
    channel.open(claim.tracker, (what) => {
      // The first one tells the operator; a stream that is corrupted throughout must not fill the log.
      if (channel.epoch.corruptions === 1) {
        this.#logger.log("media-corruption", { user, channel: name, what });
      }
    });
    const broadcast = new Broadcast(
      channel,
      claim.onRevoked,
      (how) => this.#broadcastEnded(channel, how, claim.hold),
    );
    this.#live.set(channel, broadcast);
    this.#waiters.wake(user, name);
    return broadcast;
  }

  /**
   * Finds a watcher's channel, and waits for it if that is wished.
   *
   * @throws {Refusal} `not-live`, `denied` (password) or `limit`.
   */
  async watch(wish: WatchWish): Promise<Watch> {
    let channel = this.#find(wish.user, wish.channel);
    // Whoever waited was there before the first byte, even when that came along with the channel.
    const since = channel?.log.last ?? 0;
    if (!channel && wish.wait > 0) {
      await this.#wait(wish);
      channel = this.#find(wish.user, wish.channel);
    }
    if (!channel) throw new Refusal("not-live", "the channel is not live");
    if (
      channel.password !== "" &&
      !this.#options.sameSecret(channel.password, wish.channelPassword)
    ) {
      throw new Refusal("denied", "access denied", "wrong channel password");
    }
    const most = this.#limits(wish).watchers ??
      this.#options.watchersPerChannel;
    if (channel.watchers >= most) {
      throw new Refusal(
        "limit",
        "the channel has too many watchers",
        `${most} allowed`,
      );
    }
    return this.#enter(channel, wish, since);
  }

  /** Takes a channel off the air; watchers get what is left. Nothing happens when it is not on it. */
  endChannel(user: string, name: string, why: string): void {
    const channel = this.#find(user, name);
    if (channel) this.#end(channel, why);
  }

  /** Ends every channel, for good; watchers get what is left. */
  close(): void {
    this.#closed = true;
    for (const channel of this.channels()) {
      this.#end(channel, "the server stops");
    }
    this.#waiters.close();
  }

  #wait({ user, channel, wait, signal }: WatchWish): Promise<void> {
    this.#logger.log("watch-wait", { user, channel, seconds: wait });
    return this.#waiters.wait(user, channel, wait, signal);
  }

  #enter(channel: Channel, wish: WatchWish, since: number): Watch {
    const bytes = SESSION_BYTES[wish.door ?? "tcp"];
    this.memory.admit(bytes);
    this.memory.change("session", bytes);
    const cursor = new Cursor(channel, wish, since);
    channel.enter(cursor);
    const leave = (): void => {
      channel.leave(cursor);
      this.memory.change("session", -bytes);
    };
    return { channel, cursor, leave };
  }

  #limits(of: { user: string; channel: string }): ChannelLimits {
    return this.#options.limitsOf?.(of.user, of.channel) ?? NO_LIMITS;
  }

  #find(user: string, name: string): Channel | undefined {
    return this.#users.get(user)?.get(name);
  }

  /** The channel for a claim: the one that is live or held, freed of whoever had it, or a new one. */
  #claim(claim: BroadcastClaim): Channel {
    const existing = this.#find(claim.user, claim.channel);
    if (!existing) return this.#create(claim);
    this.#live.get(existing)?.revoke(
      "taken over by a newer connection of the same user",
    );
    this.#live.delete(existing);
    this.#dropHold(existing);
    if (this.#options.sameSecret(existing.password, claim.channelPassword)) {
      return existing;
    }
    this.#end(existing, "the channel password changed");
    return this.#create(claim);
  }

  #create(claim: BroadcastClaim): Channel {
    const channels = this.#users.get(claim.user) ?? new Map<string, Channel>();
    const most = this.#limits(claim).channels ?? this.#options.channelsPerUser;
    if (channels.size >= most) {
      throw new Refusal(
        "limit",
        "too many channels of this user",
        `${most} allowed`,
      );
    }
    this.memory.admit(BACKLOG_FLOOR_BYTES + SESSION_BYTES.broadcaster);
    const channel = new Channel({
      user: claim.user,
      name: claim.channel,
      password: claim.channelPassword,
      backlogBytes: this.#options.backlogBytes,
      now: this.#options.now,
      totals: this.totals,
      memory: this.memory,
      ...(this.#options.isLate ? { isLate: this.#options.isLate } : {}),
    });
    this.#users.set(claim.user, channels.set(claim.channel, channel));
    return channel;
  }

  #broadcastEnded(channel: Channel, how: BroadcastEnd, hold: number): void {
    this.#live.delete(channel);
    const seconds = how === "clean" ? hold : this.#options.graceSeconds;
    if (seconds <= 0) return this.#end(channel, "the broadcast ended");
    channel.hold();
    this.#logger.log("channel-hold", {
      user: channel.user,
      channel: channel.name,
      seconds,
    });
    const end = (): void =>
      this.#end(channel, "the broadcaster did not come back");
    this.#holds.set(channel, setTimeout(end, seconds * 1000));
  }

  #dropHold(channel: Channel): void {
    clearTimeout(this.#holds.get(channel));
    this.#holds.delete(channel);
  }

  #end(channel: Channel, why: string): void {
    this.#dropHold(channel);
    this.#live.get(channel)?.revoke(why);
    this.#live.delete(channel);
    const channels = this.#users.get(channel.user);
    channels?.delete(channel.name);
    if (channels?.size === 0) this.#users.delete(channel.user);
    channel.end();
    this.#logSkipsOf(channel);
    this.#logger.log("channel-end", {
      user: channel.user,
      channel: channel.name,
      bytes: channel.log.last,
      watchers: channel.watchers,
      reason: why,
    });
  }
}
