import { type ChannelLimits, NO_LIMITS } from "../auth/rights.ts";
import { Refusal } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TrackerFactory } from "../media/tracker.ts";
import { Broadcast, type BroadcastEnd } from "./broadcast.ts";
import { Channel, type Totals } from "./channel.ts";
import { Cursor, type StartOptions } from "./cursor.ts";
import type { HubOptions } from "./hub_options.ts";
import { Waiters } from "./waiters.ts";

export type { HubOptions };

/** A broadcaster's claim to a channel; who he is has been proven. */
export interface BroadcastClaim {
  /** Who broadcasts. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** What watchers will have to give; empty: nothing. */
  readonly channelPassword: string;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /** Seconds of media that watchers who do not say are sent at once; `undefined`: the hub's own. */
  readonly burst?: number | undefined;
  /** Makes the tracker that watches his bytes. */
  readonly tracker: TrackerFactory;
  /** Told when the channel is taken from him. */
  readonly onRevoked: (why: string) => void;
}

/** A watcher's wish. */
export interface WatchWish extends StartOptions {
  /** Whose channel. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** What the watcher gives as the channel's password. */
  readonly channelPassword: string;
  /** Seconds to wait for a channel that is not live. */
  readonly wait: number;
  /** Ends the wait when the watcher has gone. */
  readonly signal: AbortSignal;
}

/** A watcher's place in a channel. */
export interface Watch {
  /** The channel. */
  readonly channel: Channel;
  /** Where the watcher is in it. */
  readonly cursor: Cursor;
  /** To be called once when the watcher has ended. */
  leave(): void;
}

/** Milliseconds between two log lines about slow watchers. */
const SKIP_LOG_MS = 1000;

/** Every channel that is live or held, by user and name: the only door for every front. */
export class Hub {
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
   * Called several times a second: settles streams that are not recognised, and logs, once a second at
   * most, how often watchers were too slow.
   */
  sweep(): void {
    const now = this.#options.now();
    const logs = now - this.#skipsLoggedAt >= SKIP_LOG_MS;
    if (logs) this.#skipsLoggedAt = now;
    for (const channel of this.channels()) {
      channel.settle();
      if (logs) this.#logSkipsOf(channel);
    }
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
   * @throws {Refusal} `limit` when the user has too many channels, `busy` when the hub is closed.
   */
  broadcast(claim: BroadcastClaim): Broadcast {
    if (this.#closed) throw new Refusal("busy", "the server stops");
    const channel = this.#claim(claim);
    const { user, name } = channel;
    channel.burst = claim.burst ?? this.#options.burstSeconds;
    channel.open(claim.tracker, (what) => {
      // The first one tells the operator; a stream that is damaged throughout must not fill the log.
      if (channel.epoch.damages === 1) {
        this.#logger.log("media-damage", { user, channel: name, what });
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

  #enter(channel: Channel, options: StartOptions, since: number): Watch {
    channel.watchers++;
    return {
      channel,
      cursor: new Cursor(channel, options, since),
      leave: (): void => {
        channel.watchers--;
      },
    };
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
    const channel = new Channel({
      user: claim.user,
      name: claim.channel,
      password: claim.channelPassword,
      backlogBytes: this.#options.backlogBytes,
      now: this.#options.now,
      totals: this.totals,
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
