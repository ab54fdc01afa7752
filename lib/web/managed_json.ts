import { type Advice, adviceFor } from "../hub/advice.ts";
import type { Channel } from "../hub/channel.ts";
import {
  audienceJson,
  type AudienceQuery,
  type WatcherJson,
} from "./audience_json.ts";
import { describeChannel, type OpenChannelJson } from "./channels_json.ts";

/** How far the watchers of a channel are behind live, in seconds. */
export interface LagJson {
  /** Half of the watchers are behind by less. */
  readonly median: number;
  /** 99 of 100 watchers are behind by less. */
  readonly p99: number;
  /** The one that is behind most. */
  readonly max: number;
}

/** What the user of a channel is told of it, in addition to what is public about an open one. */
export interface ManagedChannelJson extends OpenChannelJson {
  /** Identifies the broadcast. */
  readonly id: string;
  /** Whether lists and metrics name it. */
  readonly listed: boolean;
  /** How often watchers were too slow and continued at a newer join point. */
  readonly skips: number;
  /** How often the media was corrupt. */
  readonly corruptions: number;
  /** Bytes that are kept for watchers that lag or join late. */
  readonly backlog: number;
  /** Bytes that a watcher may lag before it skips, at present. */
  readonly "max_lag": number;
  /** Seconds that a watcher may lag before it skips; `null` where bytes alone count. */
  readonly "max_lag_time": number | null;
  /** `null` while nobody watches. */
  readonly lag: LagJson | null;
  /** What costs its watchers, and what to do about it. */
  readonly advice: readonly Advice[];
}

/** A channel and those who watch it. */
export interface ChannelDetailJson extends ManagedChannelJson {
  /** Its watchers as they were asked for; `watchers` says how many there are. */
  readonly audience: readonly WatcherJson[];
  /** The servers of the cluster that did not answer in time. */
  readonly unanswered?: readonly string[];
}

/** Describes a channel to those who look after it. */
export function managedChannelJson(
  channel: Channel,
  isListed: (user: string, channel: string) => boolean,
): ManagedChannelJson {
  const { broadcast, log, allowedLag: { limit: { seconds } } } = channel;
  return {
    ...describeChannel(channel),
    id: broadcast.id,
    listed: isListed(channel.user, channel.name),
    skips: channel.skips,
    corruptions: broadcast.corruptions,
    backlog: log.last - log.first,
    max_lag: Math.floor(channel.maxLag),
    max_lag_time: Number.isFinite(seconds) ? seconds : null,
    lag: lagJson(channel),
    advice: adviceFor(channel),
  };
}

/** Describes a channel with its watchers. */
export function channelDetailJson(
  channel: Channel,
  isListed: (user: string, channel: string) => boolean,
  query: AudienceQuery,
): ChannelDetailJson {
  return {
    ...managedChannelJson(channel, isListed),
    audience: audienceJson(channel, query),
  };
}

function lagJson({ audience, log, now }: Channel): LagJson | null {
  const at = now();
  const lags = new Float64Array(audience.size);
  let count = 0;
  for (const { offset } of audience) {
    if (offset !== undefined) lags[count++] = log.ageOf(offset, at) / 1000;
  }
  if (count === 0) return null;
  const sorted = lags.subarray(0, count).sort();
  const above = (part: number): number =>
    sorted[Math.min(Math.floor(count * part), count - 1)]!;
  return { median: above(0.5), p99: above(0.99), max: above(1) };
}
