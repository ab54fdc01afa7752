import type { Channel } from "../hub/channel.ts";
import type { HttpRooms } from "./rooms.ts";

/** What is told of a channel; sizes in bytes, times in seconds, rates in bits per second. */
export interface OpenChannelJson {
  readonly user: string;
  readonly channel: string;
  readonly protected: false;
  readonly state: string;
  /** When its broadcast began (ISO 8601). */
  readonly since: string;
  readonly container: string | null;
  readonly mime: string | null;
  readonly codecs: readonly string[];
  readonly video: boolean;
  readonly width: number | null;
  readonly height: number | null;
  readonly bitrate: number;
  readonly bytes: number;
  readonly watchers: number;
  readonly "keyframe_interval": number | null;
  /** The longest pause between two arrivals lately. */
  readonly gap: number;
}

/** Of a channel with a password only the name is told. */
export interface ProtectedChannelJson {
  readonly user: string;
  readonly channel: string;
  readonly protected: true;
}

/** What the pages and programs are told of the server. */
export interface ChannelsJson {
  readonly server: {
    readonly version: string;
    readonly "tcp_port": number;
    readonly "http_port": number;
  };
  readonly channels: readonly (OpenChannelJson | ProtectedChannelJson)[];
}

/**
 * What is on the air, for pages and programs.
 *
 * @param rooms The hub and the ports.
 * @param httpPort The port at which this was asked.
 */
export function channelsJson(
  rooms: HttpRooms,
  httpPort: number,
): ChannelsJson {
  return {
    server: {
      version: rooms.version,
      tcp_port: rooms.tcpPort,
      http_port: httpPort,
    },
    channels: rooms.hub.channels().map((channel) =>
      channel.password === ""
        ? openChannel(channel)
        : { user: channel.user, channel: channel.name, protected: true }
    ),
  };
}

function openChannel(channel: Channel): OpenChannelJson {
  const { info, joins } = channel.epoch;
  const now = channel.now();
  return {
    user: channel.user,
    channel: channel.name,
    protected: false,
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
    keyframe_interval: joins.interval ?? null,
    gap: channel.arrivals.gap(now),
  };
}
