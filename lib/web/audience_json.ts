import type { Channel } from "../hub/channel.ts";
import type { Viewer } from "../hub/viewer.ts";

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

/** An order of watchers. */
interface Order {
  /** What ranks one, lowest first, before it is described. */
  readonly rank: (viewer: Viewer, channel: Channel, now: number) => number;
  /** The same of one that was described. */
  readonly rankOf: (watcher: WatcherJson) => number;
}

/** Orders by the word that asks for each: the first is what an operator looks for. */
const ORDERS: Readonly<Record<string, Order>> = {
  lag: {
    rank: ({ offset }, { log }, now) =>
      offset === undefined ? 1 : -log.ageOf(offset, now),
    rankOf: ({ lag }) => -(lag ?? -1),
  },
  rate: {
    rank: (viewer, _, now) => -viewer.bitrate(now),
    rankOf: ({ bitrate }) => -bitrate,
  },
  lost: {
    rank: ({ skippedBytes }) => -skippedBytes,
    rankOf: ({ lost }) => -lost,
  },
  skips: { rank: ({ skips }) => -skips, rankOf: ({ skips }) => -skips },
  sent: { rank: ({ sentBytes }) => -sentBytes, rankOf: ({ sent }) => -sent },
  since: {
    rank: ({ since }) => since,
    rankOf: ({ since }) => Date.parse(since),
  },
};

/** The words. */
export const WATCHER_ORDERS: readonly string[] = Object.keys(ORDERS);

/** Which watchers are asked for. */
export interface AudienceQuery {
  /** One of {@linkcode WATCHER_ORDERS}. */
  readonly sort: string;
  /** How many at most. */
  readonly limit: number;
}

/** Describes the first of a channel's watchers in an order; the others cost no more than their rank. */
export function audienceJson(
  channel: Channel,
  { sort, limit }: AudienceQuery,
): WatcherJson[] {
  const now = channel.now();
  const { rank } = ORDERS[sort]!;
  const viewers = [...channel.audience, ...channel.hlsAudience.players];
  const ranks = Float64Array.from(
    viewers,
    (viewer) => rank(viewer, channel, now),
  );
  const today = Date.now();
  return lowest(ranks, limit)
    .map((at) => watcherJson(viewers[at]!, channel, now, today));
}

/** The first of the watchers of several servers in an order. */
export function sortedAudience(
  audience: readonly WatcherJson[],
  { sort, limit }: AudienceQuery,
): WatcherJson[] {
  const ranks = Float64Array.from(audience, ORDERS[sort]!.rankOf);
  return lowest(ranks, limit).map((at) => audience[at]!);
}

/** The places of the lowest numbers, lowest first, equal ones in their order: sorts no more than those. */
function lowest(numbers: Float64Array, count: number): number[] {
  const sorted = numbers.toSorted();
  const bound = sorted[count - 1] ?? (count > 0 ? Infinity : -Infinity);
  const found: number[] = [];
  const equal: number[] = [];
  for (let at = 0; at < numbers.length; at++) {
    if (numbers[at]! < bound) found.push(at);
    else if (numbers[at] === bound && equal.length < count) equal.push(at);
  }
  return found.concat(equal).slice(0, count)
    .sort((a, b) => numbers[a]! - numbers[b]! || a - b);
}

function watcherJson(
  viewer: Viewer,
  { log }: Channel,
  now: number,
  today: number,
): WatcherJson {
  const { id, offset, protocol = null, remote = null } = viewer;
  return {
    ...{ id, protocol, address: remote },
    since: new Date(today - (now - viewer.since)).toISOString(),
    lag: offset === undefined ? null : log.ageOf(offset, now) / 1000,
    lag_bytes: offset === undefined ? null : Math.max(log.last - offset, 0),
    bitrate: viewer.bitrate(now),
    sent: viewer.sentBytes,
    skips: viewer.skips,
    lost: viewer.skippedBytes,
  };
}
