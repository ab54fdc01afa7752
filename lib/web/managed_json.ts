import { type Advice, adviceFor } from "../hub/advice.ts";
import type { Channel } from "../hub/channel.ts";
import type { HlsPlayer } from "../hub/hls_audience.ts";
import type { Lag, Watcher } from "../hub/watcher.ts";
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
  /** The server that its broadcaster is at, in a cluster. */
  readonly node?: string;
}

/** One watcher. */
export interface WatcherJson {
  /** Its number, to disconnect it by. */
  readonly id: number;
  /** How it is sent the channel; `null` where that is not known. */
  readonly protocol: string | null;
  /** `ip:port`; `null` where that is not known. */
  readonly address: string | null;
  /** When it joined (ISO 8601). */
  readonly since: string;
  /** Seconds behind live; `null` while it waits for a place to start. */
  readonly lag: number | null;
  /** Bytes behind live; `null` while it waits for a place to start. */
  readonly "lag_bytes": number | null;
  /** Bits per second that it is sent. */
  readonly bitrate: number;
  /** Bytes that it was sent. */
  readonly sent: number;
  /** How often it was too slow and continued at a newer join point. */
  readonly skips: number;
  /** Bytes that it lost by that. */
  readonly lost: number;
  /** The server that it is at, in a cluster. */
  readonly node?: string;
}

/** A channel and those who watch it. */
export interface ChannelDetailJson extends ManagedChannelJson {
  /** Its watchers as they were asked for; `watchers` says how many there are. */
  readonly audience: readonly WatcherJson[];
  /** The servers of the cluster that did not answer in time. */
  readonly unanswered?: readonly string[];
}

/** Orders of watchers, by the word that asks for each: the first is what an operator looks for. */
export const WATCHER_ORDERS: Readonly<
  Record<string, (watcher: WatcherJson) => number>
> = {
  lag: ({ lag }) => -(lag ?? -1),
  rate: ({ bitrate }) => -bitrate,
  lost: ({ lost }) => -lost,
  skips: ({ skips }) => -skips,
  sent: ({ sent }) => -sent,
  since: ({ since }) => Date.parse(since),
};

/** Which watchers are asked for. */
export interface AudienceQuery {
  /** A key of {@linkcode WATCHER_ORDERS}. */
  readonly sort: string;
  /** How many at most. */
  readonly limit: number;
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
  { sort, limit }: AudienceQuery,
): ChannelDetailJson {
  const now = channel.now();
  const today = Date.now();
  const { audience: watchers, hlsAudience: { players } } = channel;
  const audience = [
    ...[...watchers].map((each) => watcherJson(each, now, today)),
    ...players.map((each) => playerJson(each, channel, today)),
  ];
  return {
    ...managedChannelJson(channel, isListed),
    audience: sortedAudience(audience, sort, limit),
  };
}

/** The first of the watchers in an order. */
export function sortedAudience(
  audience: readonly WatcherJson[],
  sort: string,
  limit: number,
): WatcherJson[] {
  const order = WATCHER_ORDERS[sort]!;
  return audience
    .map((watcher) => ({ watcher, rank: order(watcher) }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ watcher }) => watcher);
}

function watcherJson(
  watcher: Watcher,
  now: number,
  today: number,
): WatcherJson {
  const { id, client, lag, since, cursor } = watcher;
  return {
    id,
    protocol: client?.protocol ?? null,
    address: client?.remote ?? null,
    since: new Date(today - (now - since)).toISOString(),
    lag: lag ? lag.ms / 1000 : null,
    lag_bytes: lag?.bytes ?? null,
    bitrate: watcher.bitrate(now),
    sent: cursor.sentBytes,
    skips: cursor.skips,
    lost: cursor.skippedBytes,
  };
}

/** A player of HLS is behind live by what came after the newest segment that it has. */
function playerJson(
  player: HlsPlayer,
  { log, now }: Channel,
  today: number,
): WatcherJson {
  const { id, remote, since, sentBytes, offset } = player;
  const at = now();
  return {
    ...{ id, protocol: "hls", address: remote },
    since: new Date(today - (at - since)).toISOString(),
    lag: offset === undefined ? null : log.ageOf(offset, at) / 1000,
    lag_bytes: offset === undefined ? null : Math.max(log.last - offset, 0),
    bitrate: player.bitrate(at),
    sent: sentBytes,
    ...{ skips: 0, lost: 0 },
  };
}

function lagJson({ audience }: Channel): LagJson | null {
  const lags: Lag[] = [];
  for (const { lag } of audience) if (lag) lags.push(lag);
  if (lags.length === 0) return null;
  const sorted = Float64Array.from(lags, ({ ms }) => ms / 1000).sort();
  const at = (part: number): number =>
    sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)]!;
  return { median: at(0.5), p99: at(0.99), max: at(1) };
}
