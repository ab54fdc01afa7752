import type { Channel } from "../hub/channel.ts";
import type { WebContext } from "./context.ts";

/** What is told of a channel; sizes in bytes, times in seconds, rates in bits per second. */
export interface OpenChannelJson {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly channel: string;
  /** Whether watchers have to give a password. */
  readonly protected: boolean;
  /** `live` or `held`. */
  readonly state: string;
  /** When its broadcast began (ISO 8601). */
  readonly since: string;
  /** The container; `null` while unknown. */
  readonly container: string | null;
  /** Its MIME type; `null` while unknown. */
  readonly mime: string | null;
  /** Codec strings (RFC 6381); empty while unknown. */
  readonly codecs: readonly string[];
  /** Whether there is a picture. */
  readonly video: boolean;
  /** Pixels; `null` while unknown. */
  readonly width: number | null;
  /** Pixels; `null` while unknown. */
  readonly height: number | null;
  /** Bits per second over the last seconds. */
  readonly bitrate: number;
  /** Bytes received. */
  readonly bytes: number;
  /** How many watch. */
  readonly watchers: number;
  /** Seconds between join points; `null` while unknown. */
  readonly "keyframe_interval": number | null;
  /** The longest pause between two arrivals lately. */
  readonly gap: number;
  /** Seconds that small pieces may wait for more at present. */
  readonly linger: number;
  /** The server that its broadcaster is at, in a cluster. */
  readonly node?: string;
}

/** Of a channel with a password only the name is told. */
export interface ProtectedChannelJson {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly channel: string;
  /** Whether watchers have to give a password. */
  readonly protected: true;
  /** The server that its broadcaster is at, in a cluster. */
  readonly node?: string;
}

/** What the pages and programs are told of the server. */
export interface ChannelsJson {
  /** The server itself. */
  readonly server: {
    readonly version: string;
  };
  /** What is live or held; in a cluster, at all servers, each with the `node` that its broadcaster is at. */
  readonly channels: readonly (
    | OpenChannelJson
    | ProtectedChannelJson
    | Readonly<Record<string, unknown>>
  )[];
}

/** Describes the channels, for pages and programs; without those that their users do not list. */
export function channelsJson(
  { version, hub, isListed, cluster }: Pick<
    WebContext,
    "version" | "hub" | "isListed" | "cluster"
  >,
): ChannelsJson {
  const listed = hub.channels().filter(({ user, name, isRemote }) =>
    isListed(user, name) && !isRemote
  );
  const server = { version };
  if (!cluster) return { server, channels: listed.map(listing) };
  const { node, watchersOf } = cluster;
  const own = listed.map((channel) => {
    const found = listing(channel);
    if (found.protected) return { ...found, node };
    const others = watchersOf(channel.user, channel.name);
    return { ...found, watchers: found.watchers + others, node };
  });
  return { server, channels: [...own, ...cluster.listings()] };
}

/** What lists show of a channel; of one with a password only the name. */
export function listing(
  channel: Channel,
): OpenChannelJson | ProtectedChannelJson {
  const { user, name, password } = channel;
  return password === ""
    ? describeChannel(channel)
    : { user, channel: name, protected: true };
}

/** Describes a channel to those who may watch it. */
export function describeChannel(channel: Channel): OpenChannelJson {
  const { info, joinInterval } = channel.broadcast;
  const now = channel.now();
  return {
    user: channel.user,
    channel: channel.name,
    protected: channel.password !== "",
    state: channel.state,
    since: new Date(Date.now() - (now - channel.liveSince)).toISOString(),
    container: info?.container ?? null,
    mime: info?.mime ?? null,
    codecs: info?.codecs ?? [],
    video: info?.video ?? false,
    width: info?.width ?? null,
    height: info?.height ?? null,
    bitrate: channel.arrivals.bitrate(now),
    bytes: channel.log.last,
    watchers: channel.watchers,
    keyframe_interval: joinInterval ?? null,
    gap: channel.arrivals.gap(now),
    linger: channel.lingerMs / 1000,
  };
}
