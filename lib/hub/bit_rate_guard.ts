import type { ChannelLimits } from "../auth/permissions/permissions.ts";
import type { Tickable } from "../clock/ticker.ts";

/**
 * Seconds of media at the allowed rate that may come at once: encoders that come back send what they
 * have kept, and key frames are many times as large as others.
 */
export const BIT_RATE_BURST_S = 5;

/** A channel, as far as its rate goes. */
export interface RatedChannel {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** Its bytes; `last` is how many have come in all. */
  readonly log: { readonly last: number };
}

/** What a {@linkcode BitRateGuard} watches. */
export interface RatedChannels {
  /** The channels that are live or held. */
  channels(): readonly RatedChannel[];
  /** Takes a channel off the air. */
  endChannel(user: string, channel: string, why: string): void;
}

/** A bucket that the channel's bytes fill and the allowed rate empties. */
interface Bucket {
  /** Bytes that came faster than allowed. */
  level: number;
  /** Bytes that had come when it was looked at last. */
  seen: number;
  /** Milliseconds, when that was. */
  at: number;
}

/** Takes channels off the air that carry more than their user may send. */
export class BitRateGuard implements Tickable {
  readonly #onAir: RatedChannels;
  readonly #limitsOf: (user: string, channel: string) => ChannelLimits;
  readonly #now: () => number;
  readonly #buckets: WeakMap<RatedChannel, Bucket> = new WeakMap();

  /**
   * Makes a guard, to be added to a tick.
   *
   * @param onAir The channels.
   * @param limitsOf The limits of each.
   * @param now Milliseconds on a clock that never goes back.
   */
  constructor(
    onAir: RatedChannels,
    limitsOf: (user: string, channel: string) => ChannelLimits,
    now: () => number,
  ) {
    this.#onAir = onAir;
    this.#limitsOf = limitsOf;
    this.#now = now;
  }

  /** Looks at every channel that has a limit. */
  tick(): void {
    for (const channel of this.#onAir.channels()) {
      const { bitRate } = this.#limitsOf(channel.user, channel.name);
      if (bitRate !== undefined) this.#look(channel, bitRate);
    }
  }

  #look(channel: RatedChannel, bitRate: number): void {
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
    this.#onAir.endChannel(channel.user, channel.name, why);
  }
}
