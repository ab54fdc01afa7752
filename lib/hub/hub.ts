import { Refusal } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type BroadcastEnd, Publisher } from "./publisher.ts";
import { AutoLinger } from "./auto_linger.ts";
import { Channel } from "./channel.ts";
import { ChannelTable } from "./channel_table.ts";
import {
  type ChannelEnd,
  type RevokeCause,
  type Totals,
  zeroTotals,
} from "./channel_options.ts";
import { Cursor } from "./cursor.ts";
import { DrainingChannels } from "./draining_channels.ts";
import type { Elsewhere } from "./elsewhere.ts";
import { EndedBroadcasts } from "./ended_broadcasts.ts";
import { HubLimits } from "./hub_limits.ts";
import type { HubOptions } from "./hub_options.ts";
import {
  BACKLOG_FLOOR_BYTES,
  MemoryBudget,
  SESSION_BYTES,
} from "./memory/memory_budget.ts";
import type { JoinOptions } from "./join_options.ts";
import type { PublishOptions, ResumeOptions } from "./publish_options.ts";
import { ResumeCheck } from "./resume_check.ts";
import { type FoundChannel, Waiters, type WaitOptions } from "./waiters.ts";
import { Watcher } from "./watcher.ts";

export type {
  FoundChannel,
  HubOptions,
  JoinOptions,
  PublishOptions,
  WaitOptions,
  Watcher,
};

/** Milliseconds between two log lines about slow watchers of a channel. */
const SKIP_LOG_MS = 1000;

/** Every channel that is live or held, by user and name. */
export class Hub {
  /** What all backlogs, trackers and sessions may hold together. */
  readonly memory: MemoryBudget;
  /** Counts of all channels, past and present. */
  readonly totals: Totals = zeroTotals();
  /** How broadcasts ended that are over. */
  readonly ended: EndedBroadcasts = new EndedBroadcasts();
  /** How long bytes linger in channels that leave it to the load. */
  readonly autoLinger: AutoLinger;
  /** The servers that share its channels, if there are any. */
  elsewhere: Elsewhere | undefined;
  /** Tells who may continue a broadcast. */
  readonly resumeCheck: ResumeCheck;
  readonly #options: HubOptions;
  readonly #limits: HubLimits;
  readonly #logger: Logger;
  readonly #channels = new ChannelTable();
  readonly #draining: DrainingChannels = new DrainingChannels();
  readonly #waiters: Waiters;
  #skipsLoggedAt = -Infinity;
  #closed = false;

  /** Creates a hub without channels. */
  constructor(options: HubOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    this.#limits = new HubLimits(options);
    this.memory = new MemoryBudget(options.memoryBytes ?? Infinity, logger);
    this.autoLinger = new AutoLinger(options);
    this.#waiters = new Waiters(options.watchersPerChannel);
    this.resumeCheck = new ResumeCheck(this, options.sameSecret);
  }

  /** The channels that are live or held. */
  channels(): Channel[] {
    return this.#channels.all;
  }

  /**
   * Called several times a second: decides about streams that are not recognised, logs slow watchers,
   * and keeps what is held within the memory limit.
   */
  tick(): void {
    const now = this.#options.now();
    const logs = now - this.#skipsLoggedAt >= SKIP_LOG_MS;
    if (logs) this.#skipsLoggedAt = now;
    for (const channel of this.channels()) {
      channel.settle();
      channel.hlsAudience.tick();
      if (logs) this.#logSkipsOf(channel);
    }
    this.#draining.tick(now);
    this.autoLinger.tick();
    this.#makeRoom(0);
    this.memory.tick();
    if (this.memory.isOverByTrackers) this.#endHeaviest();
  }

  /**
   * Makes a channel live. A broadcaster that is already there is disconnected: an old connection of the
   * same user is usually a dead one. The watchers stay, unless the channel password changed.
   *
   * @throws {Refusal} `limit` when the user has too many channels or memory is short, `busy` when the
   *     server is shutting down.
   */
  publish(options: PublishOptions): Publisher {
    if (this.#closed) throw new Refusal("busy", "the server is shutting down");
    const channel = this.#takeOver(options);
    const { user, name } = channel;
    const { burstSeconds, linger = 0, maxLag } = this.#options;
    channel.burst = options.burst ?? burstSeconds;
    channel.linger = options.linger ?? linger;
    channel.allowedLag.limit = options.maxLag ?? maxLag;
    channel.open({
      ...options,
      onCorruption: (what, count) => {
        // One line per broadcast: a stream that is corrupt throughout must not fill the log.
        if (count > 1) return;
        this.#logger.log("media-corrupt", { user, channel: name, what });
      },
    });
    this.#waiters.wake(user, name);
    return this.#publisherOf(channel);
  }

  #publisherOf(channel: Channel): Publisher {
    if (!channel.isRemote) this.elsewhere?.began(channel);
    return new Publisher(channel, (how) => this.#broadcastEnded(channel, how));
  }

  /**
   * Continues the broadcast of a channel with another connection; its secret has been checked.
   *
   * @throws {Refusal} `not-live` when it has ended meanwhile, `busy` when the server is shutting down.
   */
  resume(
    { user, channel: name, onRevoked, isRemote = false }: ResumeOptions,
  ): Publisher {
    if (this.#closed) throw new Refusal("busy", "the server is shutting down");
    const channel = this.find(user, name);
    if (!channel?.isResumable) throw notLive();
    channel.resume(onRevoked, isRemote);
    this.#logger.log("channel-resume", { user, channel: name });
    return this.#publisherOf(channel);
  }

  /** Takes a channel from its broadcaster, which may continue it on another connection or server; it is held meanwhile. */
  release(channel: Channel, why: string, cause: RevokeCause): void {
    if (channel.state !== "live") return;
    channel.revoke(why, cause);
    this.#broadcastEnded(channel, "broken");
  }

  /** The channel of a user, if it is live or held. */
  find(user: string, channel: string): Channel | undefined {
    return this.#channels.find(user, channel);
  }

  /** Whether watchers wait for a channel that is not live. */
  isAwaited(user: string, channel: string): boolean {
    return this.#waiters.has(user, channel);
  }

  /** The channel of a user that has ended, as long as it is kept for the watchers of HLS. */
  findEnded(user: string, channel: string): Channel | undefined {
    return this.#draining.find(user, channel);
  }

  /**
   * Finds a channel, elsewhere too, and waits for it if `wait` allows.
   *
   * @returns The channel, and the `since` to join it with.
   * @throws {Refusal} `not-live`, or `limit` when too many wait for that channel.
   */
  async waitFor(options: WaitOptions): Promise<FoundChannel> {
    const { user, channel: name, wait } = options;
    let channel = this.find(user, name);
    if (!channel && this.elsewhere) {
      await this.elsewhere.find(user, name);
      channel = this.find(user, name);
    }
    // A watcher that waited was there before the first byte, even if that arrived with the channel.
    const since = channel?.log.last ?? 0;
    if (!channel && wait > 0 && !this.#closed) {
      this.#logger.log("watch-wait", { user, channel: name, seconds: wait });
      await this.#waiters.wait(options);
      channel = this.find(user, name);
    }
    if (!channel) throw notLive();
    return { channel, since };
  }

  /**
   * Adds a watcher to a channel; the session has checked the channel password.
   *
   * @throws {Refusal} `not-live` when the channel has ended meanwhile, `limit` when it has too many
   *     watchers or memory is short.
   */
  join(channel: Channel, options: JoinOptions): Watcher {
    this.admitWatcher(channel);
    const bytes = SESSION_BYTES.watcher;
    this.#admit(bytes);
    this.memory.change("session", bytes);
    const cursor = new Cursor(channel, options);
    channel.enter(cursor);
    const id = ++this.totals.watchers;
    return new Watcher({ id, channel, cursor, client: options.client }, () => {
      channel.leave(cursor);
      this.#draining.remove(channel);
      this.memory.change("session", -bytes);
    });
  }

  /**
   * Checks that a channel may have one watcher more.
   *
   * @throws {Refusal} `not-live` when the channel has ended, `limit` when it has too many watchers.
   */
  admitWatcher(channel: Channel): void {
    if (channel.ended) throw notLive();
    const { user, name } = channel;
    const others = this.elsewhere?.watchersOf(user, name) ?? 0;
    this.#limits.requireWatcher(channel, others);
  }

  /** Ends a channel, if there is one; watchers get what is left of it. */
  endChannel(
    user: string,
    name: string,
    why: string,
    how: ChannelEnd = "revoked",
  ): void {
    const channel = this.find(user, name);
    if (channel) this.#end(channel, why, how);
  }

  /** Ends every channel and every wait, for good; watchers get what is left. */
  close(): void {
    this.#closed = true;
    for (const channel of this.channels()) {
      this.#end(channel, "the server is shutting down");
    }
    this.#waiters.close();
  }

  #admit(bytes: number): void {
    this.#makeRoom(bytes);
    this.memory.admit(bytes);
  }

  /** What is over goes before anything that is new is rejected. */
  #makeRoom(bytes: number): void {
    while (!this.memory.hasRoom(bytes) && this.#draining.dropOldest());
  }

  /** The channel that is live or held, taken from its broadcaster, or a new one. */
  #takeOver(options: PublishOptions): Channel {
    const existing = this.find(options.user, options.channel);
    if (!existing) return this.#create(options);
    existing.revoke(
      "taken over by a newer connection of the same user",
      "taken-over",
    );
    if (this.#options.sameSecret(existing.password, options.channelPassword)) {
      return existing;
    }
    this.#end(existing, "the channel password changed");
    return this.#create(options);
  }

  #create(options: PublishOptions): Channel {
    const { user, channel: name, entry } = options;
    const others = this.elsewhere?.channelsOf(user, name) ?? 0;
    const count = this.#channels.countLocal(user) + others;
    // The server that received the broadcast has counted it.
    if (!entry) this.#limits.requireChannel(user, name, count);
    this.#admit(BACKLOG_FLOOR_BYTES + SESSION_BYTES.broadcaster);
    const { backlogBytes, now, isLate } = this.#options;
    const channel = new Channel({
      ...{ user, name, backlogBytes, now, isLate },
      password: options.channelPassword,
      totals: this.totals,
      memory: this.memory,
      autoLinger: this.autoLinger,
    });
    channel.isRemote = entry !== undefined;
    this.#channels.add(channel);
    return channel;
  }

  #broadcastEnded(channel: Channel, how: BroadcastEnd): void {
    const { hold } = channel.broadcast;
    const seconds = how === "clean" ? hold : this.#options.graceSeconds;
    const end = how === "clean" ? "ended" : "broken";
    if (seconds <= 0) return this.#end(channel, "the broadcast ended", end);
    channel.hold(
      seconds,
      how === "broken",
      () => this.#end(channel, "the broadcaster did not come back", end),
    );
    if (channel.isRemote) return; // The server that receives the broadcast says so.
    const { user, name } = channel;
    this.#logger.log("channel-hold", { user, channel: name, seconds });
  }

  #end(channel: Channel, why: string, how: ChannelEnd = "revoked"): void {
    const { user, name, log, watchers } = channel;
    channel.revoke(why, "ended");
    this.#channels.delete(channel);
    this.#draining.add(channel, this.#limits.channels(user, name));
    channel.end(how);
    // A channel that is not fed here any more may continue at another node.
    if (!channel.isRemote || how !== "revoked") this.ended.add(channel);
    this.elsewhere?.ended(channel);
    this.#logSkipsOf(channel);
    if (channel.isRemote) return; // The server that received the broadcast says so.
    const end = { bytes: log.last, watchers, reason: why };
    this.#logger.log("channel-end", { user, channel: name, ...end });
  }

  /** Real streams hold a few KB of headers; one that fills the memory was made for that. */
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
    const skips = channel.takeSkips();
    if (skips === 0) return;
    const { user, name } = channel;
    this.#logger.log("watch-skip", { user, channel: name, skips });
  }
}

function notLive(): Refusal {
  return new Refusal("not-live", "the channel is not live");
}
