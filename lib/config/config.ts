/**
 * Every setting of the server: one table, from which the flags, the help, the ini reader and the
 * documentation are made.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { type IpNetwork, parseNetworks } from "../net/ip_network.ts";
import type { LogFormat } from "../logger.ts";
import { parseEventNames } from "./event_names.ts";
import {
  atLeast,
  nonEmpty,
  optionalPath,
  parseAddresses,
  parseLogFormat,
  parseOrigin,
  parseToken,
  parseUrl,
} from "./setting_values.ts";
import { type Address } from "../net/address.ts";
import { CLUSTER_SETTINGS } from "./cluster_settings.ts";
import { LIMIT_SETTINGS } from "./limit_settings.ts";
import type { Setting } from "./setting.ts";
import {
  type LingerTime,
  type MaxLag,
  parseLinger,
  parseMaxLag,
  parseSeconds,
  parseSize,
} from "./values.ts";

/** The port without TLS. */
export const DEFAULT_PORT = 61920;

/** The port with TLS. */
export const DEFAULT_TLS_PORT = 61921;

/** The server's settings; sizes are bytes, times are seconds. */
export interface Config {
  /** Where it listens without TLS. */
  readonly listen: readonly Address[];
  /** Where it listens with TLS, when there is a certificate. */
  readonly tlsListen: readonly Address[];
  /** Path of the certificate, if there is one. */
  readonly tlsCert: string | undefined;
  /** Path of the certificate's key. */
  readonly tlsKey: string | undefined;
  /** Proxies whose reports of client addresses are believed. */
  readonly trustProxy: readonly IpNetwork[];
  /** The origin whose pages may use this server from other sites; `*` for all, empty for none. */
  readonly allowOrigin: string;
  /** Bearer token that `/api/channels` asks for; empty for none. */
  readonly apiToken: string;
  /** Bearer token that `/metrics` asks for; empty for none. */
  readonly metricsToken: string;
  /** Path of the folder of `NAME.ini` files. */
  readonly users: string;
  /** Path of the operator's own module, if there is one. */
  readonly auth: string | undefined;
  /** Address of the operator's own webhook, if there is one. */
  readonly authUrl: string | undefined;
  /** Address that events are posted to, if there is one. */
  readonly eventUrl: string | undefined;
  /** Names of the events that are posted there. */
  readonly events: readonly string[];
  /** Format of the log. */
  readonly logFormat: LogFormat;
  /** Bytes kept of a channel. */
  readonly backlog: number;
  /** Bytes that backlogs, trackers and sessions may hold together. */
  readonly memory: number;
  /** Seconds of media that watchers are sent at once by default. */
  readonly burst: number;
  /** How long small pieces may wait for more, in channels that do not say otherwise. */
  readonly linger: LingerTime;
  /** How far a watcher may lag, in channels that do not say otherwise. */
  readonly maxLag: MaxLag;
  /** Seconds that a channel is held when a broadcaster's connection breaks. */
  readonly grace: number;
  /** Seconds that a one-time token is valid. */
  readonly tokenTime: number;
  /** Bytes of a header block or request head. */
  readonly headerBlock: number;
  /** Bytes of a request frame. */
  readonly requestFrame: number;
  /** Seconds for everything before media. */
  readonly requestTime: number;
  /** Seconds between two requests on one connection. */
  readonly keepAlive: number;
  /** Seconds without a byte accepted after which a watcher is cut. */
  readonly watcherStall: number;
  /** Seconds without a byte sent after which a broadcaster is cut. */
  readonly broadcasterIdle: number;
  /** Connections in all. */
  readonly connections: number;
  /** Connections from one network. */
  readonly connectionsPerNetwork: number;
  /** Live channels of a user. */
  readonly channelsPerUser: number;
  /** Watchers of one channel. */
  readonly watchersPerChannel: number;
  /** URLs of the NATS servers that connect this server with others; none without a cluster. */
  readonly nats: readonly string[];
  /** Path of the credentials that NATS asks for. */
  readonly natsCredentials: string | undefined;
  /** Path of the certificate authority of the NATS servers. */
  readonly natsCa: string | undefined;
  /** What lists and logs call this server; empty for its id. */
  readonly node: string;
  /** Where clients reach this server; empty for unknown. */
  readonly advertise: string;
  /** Whether other servers of this machine may listen at the same port. */
  readonly reusePort: boolean;
}

/** The table. */
export const SETTINGS: { readonly [K in keyof Config]: Setting<Config[K]> } = {
  listen: {
    name: "listen",
    placeholder: "ADDRESS",
    default: `:${DEFAULT_PORT}`,
    about:
      "where to listen for every protocol, several with commas; no host means all addresses",
    parse: (text) => parseAddresses(text, DEFAULT_PORT),
  },
  tlsListen: {
    name: "tls-listen",
    placeholder: "ADDRESS|off",
    default: `:${DEFAULT_TLS_PORT}`,
    about: "TLS listen addresses, used once tls-cert and tls-key are set",
    parse: (text) =>
      text === "off" ? [] : parseAddresses(text, DEFAULT_TLS_PORT),
  },
  tlsCert: {
    name: "tls-cert",
    placeholder: "FILE",
    default: "",
    about: "certificate with its chain (PEM); read again when it changes",
    parse: optionalPath,
  },
  tlsKey: {
    name: "tls-key",
    placeholder: "FILE",
    default: "",
    about: "private key of the certificate (PEM)",
    parse: optionalPath,
  },
  trustProxy: {
    name: "trust-proxy",
    placeholder: "NETWORK",
    default: "",
    about:
      "proxies whose PROXY protocol or X-Forwarded-For is trusted; never loopback",
    parse: parseNetworks,
  },
  allowOrigin: {
    name: "allow-origin",
    placeholder: "ORIGIN",
    default: "",
    about: "web site whose pages may use this server, * for all",
    parse: parseOrigin,
  },
  apiToken: {
    name: "api-token",
    placeholder: "TOKEN",
    default: "",
    about: "Bearer token that /api/channels asks for, to keep the list private",
    parse: parseToken,
  },
  metricsToken: {
    name: "metrics-token",
    placeholder: "TOKEN",
    default: "",
    about: "Bearer token that /metrics asks for, to keep metrics private",
    parse: parseToken,
  },
  users: {
    name: "users",
    placeholder: "FOLDER",
    default: "./users",
    about: "folder with one NAME.ini file per user",
    parse: nonEmpty,
  },
  auth: {
    name: "auth",
    placeholder: "MODULE",
    default: "",
    about:
      "your own module that decides about requests, instead of the users folder",
    parse: optionalPath,
  },
  authUrl: {
    name: "auth-url",
    placeholder: "URL",
    default: "",
    about: "URL that decides instead: each request is posted to it, 2xx allows",
    parse: parseUrl,
  },
  eventUrl: {
    name: "event-url",
    placeholder: "URL",
    default: "",
    about: "URL that events are posted to",
    parse: parseUrl,
  },
  events: {
    name: "events",
    placeholder: "NAMES",
    default: "live, ended, refused",
    about:
      "events that are posted; also held, watch-start, watch-end, skip, stats",
    parse: parseEventNames,
  },
  logFormat: {
    name: "log-format",
    placeholder: "text|json",
    default: "text",
    about: "format of the log on stderr",
    parse: parseLogFormat,
  },
  backlog: {
    name: "backlog",
    placeholder: "SIZE",
    default: "8M",
    about: "kept of each channel for watchers that join late or fall behind",
    parse: atLeast(parseSize, 512 * 1024, "512K"),
  },
  // A hundred full backlogs, or ten thousand watchers, fit into the default; the runtime takes some 100 MB
  // more.
  memory: {
    name: "memory",
    placeholder: "SIZE",
    default: "1G",
    about:
      "memory limit; close to it the oldest backlog is dropped, then new watchers are rejected",
    parse: atLeast(parseSize, 16 * 1024 * 1024, "16M"),
  },
  burst: {
    name: "burst",
    placeholder: "TIME",
    default: "0",
    about:
      "media that watchers are sent at once, unless they or the channel say otherwise",
    parse: parseSeconds,
  },
  linger: {
    name: "linger",
    placeholder: "auto|TIME",
    default: "auto",
    about:
      "how long small pieces wait for more; auto: only when busy, at most 0.4s",
    parse: parseLinger,
  },
  maxLag: {
    name: "max-lag",
    placeholder: "auto|TIME|SIZE",
    default: "auto",
    about:
      "lag beyond which a watcher skips; auto: half of the backlog, which is also the most",
    parse: parseMaxLag,
  },
  grace: {
    name: "grace",
    placeholder: "TIME",
    default: "10s",
    about:
      "how long a channel is held when its broadcaster's connection breaks",
    parse: parseSeconds,
  },
  tokenTime: {
    name: "token-time",
    placeholder: "TIME",
    default: "120s",
    about: "how long a one-time token is valid",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  ...LIMIT_SETTINGS,
  ...CLUSTER_SETTINGS,
};

/** A value as it was written, and where. */
export interface Written {
  /** The value. */
  readonly text: string;
  /** For errors: `--backlog`, or `fstream.ini line 7`. */
  readonly where: string;
}

/**
 * Puts the settings together; a later layer goes before an earlier one.
 *
 * @param layers Values by their setting's name.
 * @throws {UsageError} for a name that is no setting, or a value that cannot be read.
 */
export function buildConfig(
  ...layers: readonly ReadonlyMap<string, Written>[]
): Config {
  const known = new Set(Object.values(SETTINGS).map((setting) => setting.name));
  const values = new Map<string, Written>();
  for (const layer of layers) {
    for (const [name, written] of layer) {
      if (!known.has(name)) {
        throw new UsageError(
          `${written.where}: unknown setting "${name}"`,
          "fstream serve --print-config lists all settings",
        );
      }
      values.set(name, written);
    }
  }
  return Object.fromEntries(
    Object.entries(SETTINGS).map(([key, setting]) => [
      key,
      parseSetting(setting as Setting<unknown>, values.get(setting.name)),
    ]),
  ) as unknown as Config;
}

function parseSetting<T>(setting: Setting<T>, written: Written | undefined): T {
  try {
    return setting.parse(written?.text ?? setting.default);
  } catch (error) {
    if (!(error instanceof SyntaxError) || !written) throw error;
    throw new UsageError(`${written.where} ${error.message}`);
  }
}
