import type { Channel } from "./channel.ts";

/**
 * Ended channels whose watchers have not received everything yet. They are kept as long as their user
 * has no more of them than channels, and as long as their memory is not needed elsewhere: watchers that stall
 * or barely read must not make the server keep what is over.
 */
export class DrainingChannels {
  /** In the order in which they ended. */
  readonly #channels: Set<Channel> = new Set();

  /** How many there are. */
  get size(): number {
    return this.#channels.size;
  }

  /** Adds a channel; if its user has more than `maxPerUser`, the oldest is dropped. */
  add(channel: Channel, maxPerUser: number): void {
    if (channel.watchers === 0) return;
    this.#channels.add(channel);
    const own = [...this.#channels].filter(({ user }) => user === channel.user);
    if (own.length > maxPerUser) this.#drop(own[0]!);
  }

  /** Removes a channel that has no watchers any more. */
  remove(channel: Channel): void {
    if (channel.watchers === 0) this.#channels.delete(channel);
  }

  /** Drops the oldest one; returns whether there was one. */
  dropOldest(): boolean {
    const [oldest] = this.#channels;
    if (oldest) this.#drop(oldest);
    return oldest !== undefined;
  }

  #drop(channel: Channel): void {
    this.#channels.delete(channel);
    channel.drop();
  }
}
