import { Refusal } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TrackerFactory } from "../media/tracker.ts";
import { Broadcast, type BroadcastEnd } from "./broadcast.ts";
import { Channel } from "./channel.ts";
import { Cursor, type StartOptions } from "./cursor.ts";
import { Waiters } from "./waiters.ts";

/** What bounds the hub. */
export interface HubOptions {
  /** Bytes kept of a channel. */
  readonly backlogBytes: number;
  /** Seconds that a channel's watchers are held after an unclean end. */
  readonly graceSeconds: number;
  /** Channels of one user that may be live or held at a time. */
  readonly channelsPerUser: number;
  /** Watchers of one channel, and peers that wait for one. */
  readonly watchersPerChannel: number;
  /** Compares two secrets in constant time. */
  readonly sameSecret: (a: string, b: string) => boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

/** A broadcaster's claim to a channel; who he is has been proven. */
export interface BroadcastClaim {
  readonly user: string;
  readonly channel: string;
  readonly channelPassword: string;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /** Makes the tracker that watches his bytes. */
  readonly tracker: TrackerFactory;
  /** Told when the channel is taken from him. */
  readonly onRevoked: (why: string) => void;
}

/** A watcher's wish. */
export interface WatchWish extends StartOptions {
  readonly user: string;
  readonly channel: string;
  readonly channelPassword: string;
  /** Seconds to wait for a channel that is not live. */
  readonly wait: number;
  /** Ends the wait when the watcher has gone. */
  readonly signal: AbortSignal;
}

/** A watcher's place in a channel. */
export interface Watch {
  readonly channel: Channel;
  readonly cursor: Cursor;
  /** To be called once when the watcher has ended. */
  leave(): void;
}

/** Every channel that is live or held, by user and name: the only door for every front. */
export class Hub {
  readonly #options: HubOptions;
  readonly #logger: Logger;
  readonly #users: Map<string, Map<string, Channel>> = new Map();
  readonly #live: Map<Channel, Broadcast> = new Map();
  readonly #holds: Map<Channel, ReturnType<typeof setTimeout>> = new Map();
  readonly #waiters: Waiters;

  /**
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

  /**
   * Puts a channel on the air. Whoever broadcasts on it already is cut: the same user's old connection
   * is a dead one more often than not. Its watchers stay, unless the password changed.
   *
   * @throws {Refusal} `limit` when the user has too many channels.
   */
  broadcast(claim: BroadcastClaim): Broadcast {
    const channel = this.#claim(claim);
    const { user, name } = channel;
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
    if (!channel && wish.wait > 0) {
      await this.#waiters.wait(wish.user, wish.channel, wish.wait, wish.signal);
      channel = this.#find(wish.user, wish.channel);
    }
    if (!channel) throw new Refusal("not-live", "the channel is not live");
    if (
      channel.password !== "" &&
      !this.#options.sameSecret(channel.password, wish.channelPassword)
    ) {
      throw new Refusal("denied", "access denied", "wrong channel password");
    }
    const most = this.#options.watchersPerChannel;
    if (channel.watchers >= most) {
      throw new Refusal(
        "limit",
        "the channel has too many watchers",
        `${most} allowed`,
      );
    }
    return this.#enter(channel, wish);
  }

  /** Ends every channel; watchers get what is left. */
  close(): void {
    for (const channel of this.channels()) {
      this.#end(channel, "the server stops");
    }
    this.#waiters.close();
  }

  #enter(channel: Channel, options: StartOptions): Watch {
    channel.watchers++;
    return {
      channel,
      cursor: new Cursor(channel, options),
      leave: (): void => {
        channel.watchers--;
      },
    };
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
    const most = this.#options.channelsPerUser;
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
    this.#logger.log("channel-end", {
      user: channel.user,
      channel: channel.name,
      bytes: channel.log.last,
      watchers: channel.watchers,
      reason: why,
    });
  }
}
