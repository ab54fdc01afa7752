import type { Channel } from "../hub/channel.ts";
import type { Elsewhere } from "../hub/elsewhere.ts";
import {
  type Announcement,
  isNewer,
  keyOfAnnounced,
  readAnnouncement,
} from "./announcement.ts";
import type { ClusterContext } from "./context.ts";
import { Feed, type FeedEnd } from "./feed.ts";
import { Finder } from "./finder.ts";
import { asCount, readFields, writeJson } from "./json.ts";
import { Outlets } from "./outlets.ts";
import { OwnedChannel } from "./owned_channel.ts";
import { keyOf } from "./subjects.ts";

/** Milliseconds for an answer of another node about the secret of a broadcast. */
const ASK_MS = 1000;

/** Milliseconds for the bytes of a broadcast that is handed over. */
const TAKE_MS = 3000;

/** Milliseconds between two looks for a channel whose node is gone. */
const SEEK_MS = 1000;

/** How a node counts the channels of the others. */
export interface Elsewheres {
  /** See {@linkcode Elsewhere.channelsOf}. */
  channelsOf(user: string, besides: string): number;
  /** See {@linkcode Elsewhere.watchersOf}. */
  watchersOf(user: string, channel: string): number;
}

/**
 * Decides who has which channel. There are no locks: the newest broadcast wins, by a stamp that every node compares
 * alike; a node that hears of a newer one yields, and feeds its watchers from there.
 */
export class Ownership implements Elsewhere {
  readonly #context: ClusterContext;
  readonly #others: Elsewheres;
  readonly #wallClock: () => number;
  /** The highest stamp seen. */
  #newest = 0;
  /** By the channel's key. */
  readonly #owned: Map<string, OwnedChannel> = new Map();
  /** What is fed, or about to be. */
  readonly #feeds: Map<string, Feed> = new Map();
  /** Feeds that will take the place of another one, or of a broadcaster of this node. */
  readonly #opening: Map<string, Feed> = new Map();
  /** Looks in progress. */
  readonly #looks: Map<string, Promise<void>> = new Map();
  /** When each channel whose node is gone was looked for last. */
  readonly #lost: Map<string, number> = new Map();
  readonly #finder: Finder;
  readonly #outlets: Outlets;
  readonly #ends: (() => void)[];
  #feedCount = 0;
  #isDraining = false;
  /** How often the connection had been made when the channels of this node were announced last. */
  #announcedAt = 0;

  /**
   * Listens to the other nodes.
   *
   * @param wallClock Milliseconds since 1970; it may be wrong.
   */
  constructor(
    context: ClusterContext,
    others: Elsewheres,
    wallClock: () => number = Date.now,
  ) {
    this.#context = context;
    this.#others = others;
    this.#wallClock = wallClock;
    this.#finder = new Finder(context);
    this.#outlets = new Outlets(context, this.#owned);
    const { buses: { control }, subjects } = context;
    this.#ends = [
      control.subscribe(subjects.up, ({ data }) => {
        const heard = readAnnouncement(readFields(data));
        if (heard) this.hear(heard);
      }),
    ];
  }

  /** The channels whose broadcasters are here. */
  get owned(): readonly OwnedChannel[] {
    return [...this.#owned.values()];
  }

  /** The channels that are fed from other nodes. */
  get feeds(): readonly Feed[] {
    return [...this.#feeds.values(), ...this.#opening.values()];
  }

  /** Nodes that media is sent to, for each channel that has any. */
  get outlets(): number {
    return this.owned.filter(({ outlet }) => outlet.nodes > 0).length;
  }

  /** Looks for a channel at the other nodes, and feeds it from there; see {@linkcode Elsewhere.find}. */
  find(user: string, channel: string): Promise<void> {
    const key = keyOf(user, channel);
    const look = this.#looks.get(key) ??
      this.#look(user, channel).finally(() => this.#looks.delete(key));
    this.#looks.set(key, look);
    return look;
  }

  /** See {@linkcode Elsewhere.take}. */
  async take(
    channel: Channel,
    secret: string,
  ): Promise<boolean | undefined> {
    const { user, name, broadcast: { id } } = channel;
    const feed = this.#feeds.get(keyOf(user, name));
    if (!feed || feed.source.id !== id) return undefined;
    const { buses: { control }, subjects } = this.#context;
    const request = writeJson({ user, channel: name, id, secret });
    const subject = subjects.take(feed.source.node);
    const answer = await control.request(subject, request, ASK_MS);
    if (answer === "no-responders" || answer === "late") return undefined;
    const received = asCount(readFields(answer)?.received);
    if (received === undefined) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, TAKE_MS);
    await Promise.race([feed.until(received), promise]);
    clearTimeout(timer);
    if (feed.isOver || feed.next !== received) return undefined;
    this.#drop(feed);
    feed.release();
    return true;
  }

  /** See {@linkcode Elsewhere.began}. */
  began(channel: Channel): void {
    const key = keyOf(channel.user, channel.name);
    const before = this.#owned.get(key);
    this.#stopOpening(key);
    this.#feeds.get(key)?.stop();
    this.#feeds.delete(key);
    this.#lost.delete(key);
    if (before?.channel.broadcast === before?.outlet.broadcast) {
      if (before?.channel === channel) return before.outlet.send();
    }
    if (before) this.#disown(before);
    this.#newest = Math.max(this.#wallClock(), this.#newest + 1);
    this.#owned.set(
      key,
      new OwnedChannel(channel, this.#newest, this.#context),
    );
  }

  /** See {@linkcode Elsewhere.ended}. */
  ended(channel: Channel): void {
    const key = keyOf(channel.user, channel.name);
    const owned = this.#owned.get(key);
    if (owned?.channel === channel) this.#disown(owned);
    // A channel of another password may have taken its place.
    if (this.#context.hub.find(channel.user, channel.name)) return;
    this.#lost.delete(key);
    const feed = this.#feeds.get(key);
    feed?.stop();
    this.#feeds.delete(key);
  }

  /** See {@linkcode Elsewhere.channelsOf}. */
  channelsOf(user: string, besides: string): number {
    return this.#others.channelsOf(user, besides);
  }

  /** See {@linkcode Elsewhere.watchersOf}. */
  watchersOf(user: string, channel: string): number {
    return this.#others.watchersOf(user, channel);
  }

  /** Another node says that it receives a broadcast, live. */
  hear(heard: Announcement): void {
    const { node, hub } = this.#context;
    if (heard.node === node) return;
    this.#newest = Math.max(this.#newest, heard.stamp);
    const key = keyOfAnnounced(heard);
    this.#finder.announced(key);
    const owned = this.#owned.get(key);
    if (owned) return this.#contest(owned, heard);
    const feed = this.#opening.get(key) ?? this.#feeds.get(key);
    if (feed?.source.id === heard.id) {
      if (isNewer(heard, feed.source)) feed.move(heard);
      return;
    }
    const { user, channel } = heard;
    const found = hub.find(user, channel);
    const isOutdated = feed !== undefined && !isNewer(heard, feed.source) &&
      found?.state === "live";
    if (isOutdated) return;
    if (found || feed || hub.isAwaited(user, channel)) this.#open(heard);
  }

  /** Called several times a second. */
  tick(): void {
    const { now, buses: { control } } = this.#context;
    const at = now();
    // What was said while the connection was broken is lost, and so is what the others said.
    if (control.isConnected && control.connects !== this.#announcedAt) {
      this.#announcedAt = control.connects;
      for (const owned of this.owned) owned.announce();
    }
    this.#finder.tick(at);
    for (const feed of this.feeds) feed.tick(at);
    this.#outlets.tick(at);
    for (const [key, soughtAt] of this.#lost) {
      if (at - soughtAt >= SEEK_MS) this.#seek(key, at);
    }
  }

  /** Gives the broadcasters of this node up to others, and ends what is fed from there. */
  drain(why: string): void {
    this.#isDraining = true;
    const { hub } = this.#context;
    for (const { channel } of this.owned) hub.release(channel, why, "ended");
    for (const feed of this.feeds) {
      const { user, channel } = feed.source;
      feed.stop();
      hub.endChannel(user, channel, why);
    }
  }

  /** Ends it; the hub has ended its channels. */
  close(): void {
    for (const end of this.#ends) end();
    for (const feed of this.feeds) feed.stop();
    for (const owned of this.owned) owned.close();
    this.#outlets.close();
  }

  async #look(user: string, channel: string): Promise<void> {
    const key = keyOf(user, channel);
    if (!this.#feeds.has(key)) {
      const found = this.#isDraining ? undefined : await this.#finder.find(key);
      if (!found) return;
      this.#newest = Math.max(this.#newest, found.stamp);
      if (this.#context.hub.find(user, channel)) return;
      if (!this.#feeds.has(key)) this.#open(found);
    }
    await this.#feeds.get(key)?.opened;
  }

  /** A newer broadcast wins against a live one, and any live one against a channel that is held. */
  #contest(owned: OwnedChannel, heard: Announcement): void {
    if (owned.isLive && !isNewer(heard, owned.announcement)) {
      return owned.announce();
    }
    const { channel } = owned;
    const { counts, hub, logger } = this.#context;
    const { user, channel: name } = heard;
    if (heard.id !== owned.announcement.id) {
      counts.takeovers++;
      logger.log("takeover", { user, channel: name, node: heard.node });
    }
    // What happens to the channel here is no news for the others any more.
    owned.outlet.send();
    owned.outlet.close();
    this.#disown(owned);
    if (channel.watchers > 0 && !this.#isDraining) return this.#open(heard);
    channel.revoke("taken over at another node", "taken-over");
    channel.isRemote = true;
    hub.endChannel(user, name, "it continues at another node");
  }

  #disown(owned: OwnedChannel): void {
    const { user, channel } = owned.announcement;
    this.#owned.delete(keyOf(user, channel));
    owned.close();
    this.#outlets.retire(owned.outlet);
  }

  #open(source: Announcement): void {
    if (this.#isDraining) return;
    const key = keyOfAnnounced(source);
    this.#stopOpening(key);
    this.#lost.delete(key);
    const { user, channel } = source;
    // One feed at a time appends to a channel.
    const before = this.#feeds.get(key);
    if (before?.source.id === source.id) before.stop();
    const replaces = this.#context.hub.find(user, channel) !== undefined;
    const feed = new Feed(this.#context, this.#feedCount++, source, {
      onOpen: (opened) => this.#opened(key, opened),
      onEnd: (ended, why, reason) => this.#feedEnded(key, ended, why, reason),
    });
    if (feed.isOver) return;
    (replaces && !feed.isOpen ? this.#opening : this.#feeds).set(key, feed);
  }

  #opened(key: string, feed: Feed): void {
    this.#opening.delete(key);
    const before = this.#feeds.get(key);
    if (before !== feed) before?.stop();
    this.#feeds.set(key, feed);
    const { user, channel, node } = feed.source;
    this.#context.logger.log("feed-start", { user, channel, node });
  }

  #feedEnded(key: string, feed: Feed, why: FeedEnd, reason: string): void {
    const wasOpening = this.#opening.get(key) === feed;
    this.#drop(feed);
    const { hub, logger, now } = this.#context;
    const { user, channel: name } = feed.source;
    if (feed.isOpen || why !== "over") {
      logger.log("feed-end", { user, channel: name, reason });
    }
    if (why === "unwatched") return hub.endChannel(user, name, reason);
    const channel = hub.find(user, name);
    if (why === "over" || !channel) return;
    // The node that took over is gone as well: the broadcaster that was about to be cut stays.
    if (wasOpening && !channel.isRemote && channel.state === "live") {
      return this.began(channel);
    }
    if (!this.#feeds.has(key)) this.#lost.set(key, now());
  }

  #drop(feed: Feed): void {
    const key = keyOfAnnounced(feed.source);
    for (const feeds of [this.#feeds, this.#opening]) {
      if (feeds.get(key) === feed) feeds.delete(key);
    }
  }

  #stopOpening(key: string): void {
    this.#opening.get(key)?.stop();
    this.#opening.delete(key);
  }

  /** Looks for a channel whose node is gone. */
  async #seek(key: string, at: number): Promise<void> {
    this.#lost.set(key, at);
    const found = await this.#finder.find(key);
    if (found && this.#lost.has(key)) this.#open(found);
  }
}
