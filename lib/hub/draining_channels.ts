import type { Channel } from "./channel.ts";
import type { SegmentHolder } from "./memory/channel_memory.ts";

/**
 * Milliseconds that an ended channel is kept for the watchers of HLS, which come for its last segments and learn from
 * its playlist that it has ended: they are three segments behind live, which may be ten seconds long each.
 */
const HLS_KEEP_MS = 60_000;

/** Stands for all watchers of HLS: they have no connection that could be waited for. */
interface HlsPlace {
  readonly holder: SegmentHolder;
  /** Milliseconds on the hub's clock at which it is given back. */
  readonly until: number;
}

/**
 * Ended channels whose watchers have not received everything yet. They are kept as long as their user
 * has no more of them than channels, and as long as their memory is not needed elsewhere: watchers that stall
 * or barely read must not make the server keep what is over.
 */
export class DrainingChannels {
  /** In the order in which they ended. */
  readonly #channels: Set<Channel> = new Set();
  readonly #hls: Map<Channel, HlsPlace> = new Map();

  /** How many there are. */
  get size(): number {
    return this.#channels.size;
  }

  /** The newest one of that name that HLS may still read. */
  find(user: string, name: string): Channel | undefined {
    return [...this.#hls.keys()].findLast((channel) =>
      channel.user === user && channel.name === name
    );
  }

  /** Adds a channel that is about to end; if its user has more than `maxPerUser`, the oldest is dropped. */
  add(channel: Channel, maxPerUser: number): void {
    if (channel.watchers === 0) return;
    this.#channels.add(channel);
    if (channel.segments.watchers > 0) this.#keepForHls(channel);
    const own = [...this.#channels].filter(({ user }) => user === channel.user);
    if (own.length > maxPerUser) this.#drop(own[0]!);
  }

  /** Removes a channel that has no watchers any more. */
  remove(channel: Channel): void {
    if (channel.audience.size > 0 || this.#hls.has(channel)) return;
    this.#channels.delete(channel);
  }

  /** Called several times a second: removes those that have been kept for HLS long enough. */
  tick(now: number): void {
    for (const [channel, { until }] of this.#hls) {
      if (until <= now) this.#giveBack(channel);
    }
  }

  /** Drops the oldest one; returns whether there was one. */
  dropOldest(): boolean {
    const [oldest] = this.#channels;
    if (oldest) this.#drop(oldest);
    return oldest !== undefined;
  }

  #keepForHls(channel: Channel): void {
    const holder = { heldFrom: undefined };
    channel.enter(holder);
    this.#hls.set(channel, { holder, until: channel.now() + HLS_KEEP_MS });
  }

  #giveBack(channel: Channel): void {
    const place = this.#hls.get(channel);
    this.#hls.delete(channel);
    if (place) channel.leave(place.holder);
    this.remove(channel);
  }

  #drop(channel: Channel): void {
    this.#channels.delete(channel);
    channel.drop();
    this.#giveBack(channel);
  }
}
