import type { Setting } from "./setting.ts";
import { atLeast } from "./setting_values.ts";
import { parseCount, parseSeconds, parseSize } from "./values.ts";

/** The limits of requests, connections and channels. Each is finite, and `about` says why it is what it is. */
export const LIMIT_SETTINGS = {
  headerBlock: {
    name: "header-block",
    placeholder: "SIZE",
    default: "8K",
    about: "largest request head; browsers send 1K",
    parse: atLeast(parseSize, 64, "64"),
  },
  requestFrame: {
    name: "request-frame",
    placeholder: "SIZE",
    default: "4K",
    about: "largest request frame; names and passwords fit many times over",
    parse: atLeast(parseSize, 64, "64"),
  },
  requestTime: {
    name: "request-time",
    placeholder: "TIME",
    default: "10s",
    about:
      "time for everything before media: TLS handshake, head, request frame",
    parse: atLeast(parseSeconds, 0.1, "0.1s"),
  },
  keepAlive: {
    name: "keep-alive",
    placeholder: "TIME",
    default: "30s",
    about: "time between two HTTP requests on one connection",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  watcherStall: {
    name: "watcher-stall",
    placeholder: "TIME",
    default: "30s",
    about: "a watcher that accepts no byte for this long is cut",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  broadcasterIdle: {
    name: "broadcaster-idle",
    placeholder: "TIME",
    default: "30s",
    about: "a broadcaster that sends no byte for this long is cut",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  connections: {
    name: "connections",
    placeholder: "N",
    default: "10000",
    about: "connections in all; each needs a file descriptor and about 30 KB",
    parse: atLeast(parseCount, 1, "1"),
  },
  connectionsPerNetwork: {
    name: "connections-per-network",
    placeholder: "N",
    default: "1000",
    about:
      "connections from one IPv4 address or IPv6 /64; a large office behind one router fits",
    parse: atLeast(parseCount, 1, "1"),
  },
  channelsPerUser: {
    name: "channels-per-user",
    placeholder: "N",
    default: "16",
    about: "live channels of one user; each takes the backlog in memory",
    parse: atLeast(parseCount, 1, "1"),
  },
  watchersPerChannel: {
    name: "watchers-per-channel",
    placeholder: "N",
    default: "10000",
    about: "watchers of one channel",
    parse: atLeast(parseCount, 1, "1"),
  },
} satisfies Record<string, Setting<number>>;
