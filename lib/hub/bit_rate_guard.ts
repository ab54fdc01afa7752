import type { ChannelLimits } from "../auth/permissions/permissions.ts";
import type { Tickable } from "../clock/ticker.ts";

/**
 * Seconds of media at the allowed rate that may arrive at once: encoders that reconnect send what they
 * have buffered, and key frames are many times larger than other frames.
 */
export const BIT_RATE_BURST_S = 5;

/** What the guard needs of a channel. */
export interface RatedChannel {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** Its bytes; `last` is how many have arrived in total. */
  readonly log: { readonly last: number };
  /** Whether another server, which checks it, feeds it. */
  readonly isRemote?: boolean;
}

/** What a {@linkcode BitRateGuard} watches. */
export interface RatedChannels {
  /** The channels that are live or held. */
  channels(): readonly RatedChannel[];
  /** Ends a channel. */
  endChannel(user: string, channel: string, why: string): void;
}

/** A leaky bucket: the channel's bytes fill it, the allowed rate empties it. */
interface Bucket {
  /** Bytes that arrived faster than allowed. */
  level: number;
  /** The channel's byte count at the last check. */
  seen: number;
  /** When that was, in milliseconds. */
  at: number;
}

/** Ends channels that carry more than their user may send. */
export class BitRateGuard implements Tickable {
  readonly #channels: RatedChannels;
  readonly #limitsOf: (user: string, channel: string) => ChannelLimits;
  readonly #now: () => number;
  readonly #buckets: WeakMap<RatedChannel, Bucket> = new WeakMap();

  /** Creates a guard, to be added to a ticker; `now` is in milliseconds and never goes back. */
  constructor(
    channels: RatedChannels,
    limitsOf: (user: string, channel: string) => ChannelLimits,
    now: () => number,
  ) {
    this.#channels = channels;
    this.#limitsOf = limitsOf;
    this.#now = now;
  }

  /** Checks every channel that has a limit. */
  tick(): void {
    for (const channel of this.#channels.channels()) {
      if (channel.isRemote) continue;
      const { bitRate } = this.#limitsOf(channel.user, channel.name);
      if (bitRate !== undefined) this.#check(channel, bitRate);
    }
  }

  #check(channel: RatedChannel, bitRate: number): void {
    const now = this.#now();
    const { last } = channel.log;
    const bucket = this.#buckets.get(channel) ?? { level: 0, seen: 0, at: now };
    this.#buckets.set(channel, bucket);
    const allowed = (now - bucket.at) / 1000 * bitRate / 8;
    bucket.level = Math.max(0, bucket.level + last - bucket.seen - allowed);
    bucket.seen = last;
    bucket.at = now;
    if (bucket.level <= bitRate / 8 * BIT_RATE_BURST_S) return;
    const why = `it carries more than the ${bitRate} bit/s that are allowed`;
    this.#channels.endChannel(channel.user, channel.name, why);
  }
}
