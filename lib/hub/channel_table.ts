import type { Channel } from "./channel.ts";

/** The channels of a hub, by user and name. */
export class ChannelTable {
  readonly #users: Map<string, Map<string, Channel>> = new Map();

  /** All of them. */
  get all(): Channel[] {
    return [...this.#users.values()].flatMap((channels) => [
      ...channels.values(),
    ]);
  }

  /** The channel of a user. */
  find(user: string, name: string): Channel | undefined {
    return this.#users.get(user)?.get(name);
  }

  /** How many channels of a user are fed by broadcasters of this server. */
  countLocal(user: string): number {
    let count = 0;
    for (const { isRemote } of this.#users.get(user)?.values() ?? []) {
      if (!isRemote) count++;
    }
    return count;
  }

  /** Adds a channel. */
  add(channel: Channel): void {
    const channels = this.#users.get(channel.user) ?? new Map();
    this.#users.set(channel.user, channels.set(channel.name, channel));
  }

  /** Removes a channel. */
  delete({ user, name }: Channel): void {
    const channels = this.#users.get(user);
    channels?.delete(name);
    if (channels?.size === 0) this.#users.delete(user);
  }
}
