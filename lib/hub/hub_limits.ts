import {
  type ChannelLimits,
  NO_LIMITS,
} from "../auth/permissions/permissions.ts";
import { Refusal } from "../errors.ts";
import type { Channel } from "./channel.ts";
import type { HubOptions } from "./hub_options.ts";

/** How many channels and watchers a user may have: the server's own numbers, or those of the user. */
export class HubLimits {
  readonly #options: HubOptions;

  /** Reads the limits of a hub. */
  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** Channels that a user may have, when asked for one of them. */
  channels(user: string, channel: string): number {
    return this.#of(user, channel).channels ?? this.#options.channelsPerUser;
  }

  /**
   * Requires that a user may have one channel more than `count`.
   *
   * @throws {Refusal} `limit` otherwise.
   */
  requireChannel(user: string, channel: string, count: number): void {
    const max = this.channels(user, channel);
    if (count < max) return;
    const problem = "too many channels of this user";
    throw new Refusal("limit", problem, `${max} allowed`);
  }

  /**
   * Requires that a channel may have one watcher more, in addition to those at other servers.
   *
   * @throws {Refusal} `limit` otherwise.
   */
  requireWatcher({ user, name, watchers }: Channel, others: number): void {
    const max = this.#of(user, name).watchers ??
      this.#options.watchersPerChannel;
    if (watchers + others < max) return;
    const problem = "the channel has too many watchers";
    throw new Refusal("limit", problem, `${max} allowed`);
  }

  #of(user: string, channel: string): ChannelLimits {
    return this.#options.limitsOf?.(user, channel) ?? NO_LIMITS;
  }
}
