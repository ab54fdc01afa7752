/**
 * Every setting of the server: one table, from which the flags, the help, the ini reader and the
 * documentation are made.
 *
 * @module
 */

import { UsageError } from "../errors.ts";
import { type IpNetwork, parseNetworks } from "../net/ip_network.ts";
import type { LogFormat } from "../logger.ts";
import {
  atLeast,
  nonEmpty,
  optionalPath,
  parseAddresses,
  parseLogFormat,
  parseOrigin,
  parseUrl,
} from "./setting_values.ts";
import { type Address } from "../net/address.ts";
import { parseCount, parseSeconds, parseSize } from "./values.ts";

/** The port of the TCP front. */
export const DEFAULT_PORT = 61920;

/** The port of the TCP front with TLS. */
export const DEFAULT_TLS_PORT = 61921;

/** The port of the HTTP front. */
export const DEFAULT_HTTP_PORT = 61980;

/** The server's settings; sizes are bytes, times are seconds. */
export interface Config {
  /** Where the TCP front listens. */
  readonly listen: readonly Address[];
  /** Where the TCP front listens with TLS, when there is a certificate. */
  readonly tlsListen: readonly Address[];
  /** Path of the certificate for TCP and HTTP, if there is one. */
  readonly tlsCert: string | undefined;
  /** Path of the certificate's key. */
  readonly tlsKey: string | undefined;
  /** Where the HTTP front listens; nowhere when it is off. */
  readonly http: readonly Address[];
  /** Proxies that are believed when they say for whom they come. */
  readonly trustProxy: readonly IpNetwork[];
  /** The origin whose pages may read from here; `*` for all, empty for none. */
  readonly allowOrigin: string;
  /** Path of the folder of `NAME.ini` files. */
  readonly users: string;
  /** Path of the operator's own module, if there is one. */
  readonly auth: string | undefined;
  /** Address of the operator's own webhook, if there is one. */
  readonly authUrl: string | undefined;
  /** Address that is told what befalls channels, if there is one. */
  readonly eventUrl: string | undefined;
  /** How the lines on stderr look. */
  readonly logFormat: LogFormat;
  /** Bytes kept of a channel. */
  readonly backlog: number;
  /** Bytes that all backlogs, trackers and sessions may hold together. */
  readonly memory: number;
  /** Seconds of media that watchers are sent at once where nobody says. */
  readonly burst: number;
  /** Seconds that watchers are held when a broadcaster's connection breaks. */
  readonly grace: number;
  /** Seconds that a one-time token is good. */
  readonly tokenTime: number;
  /** Bytes of a header block. */
  readonly headerBlock: number;
  /** Bytes of a request's text. */
  readonly payload: number;
  /** Seconds for header block and request together. */
  readonly preludeTime: number;
  /** Seconds that a watcher may take no byte. */
  readonly watcherStall: number;
  /** Seconds that a broadcaster may send no byte. */
  readonly broadcasterIdle: number;
  /** Connections in all. */
  readonly connections: number;
  /** Connections from one address. */
  readonly connectionsPerAddress: number;
  /** Channels that a user may have on the air. */
  readonly channelsPerUser: number;
  /** Watchers of one channel. */
  readonly watchersPerChannel: number;
}

/** One setting, as it is written and explained. */
export interface Setting<T> {
  /** As a flag and in the ini: `--token-time 120`, `token-time = 120`. */
  readonly name: string;
  /** What stands for the value in the help. */
  readonly placeholder: string;
  /** The default, as it is written. */
  readonly default: string;
  /** What it does, and for a limit why it is what it is. */
  readonly about: string;
  /** Reads a value. Throws `SyntaxError` with what it expects. */
  readonly parse: (text: string) => T;
}

/** The table. */
export const SETTINGS: { readonly [K in keyof Config]: Setting<Config[K]> } = {
  listen: {
    name: "listen",
    placeholder: "ADDRESS",
    default: `:${DEFAULT_PORT}`,
    about:
      "where to listen, several with commas; no host means all addresses, IPv4 and IPv6",
    parse: (text) => parseAddresses(text, DEFAULT_PORT),
  },
  tlsListen: {
    name: "tls-listen",
    placeholder: "ADDRESS|off",
    default: `:${DEFAULT_TLS_PORT}`,
    about: "where the same is had with TLS, once tls-cert and tls-key are set",
    parse: (text) =>
      text === "off" ? [] : parseAddresses(text, DEFAULT_TLS_PORT),
  },
  tlsCert: {
    name: "tls-cert",
    placeholder: "FILE",
    default: "",
    about:
      "certificate with its chain as PEM, for tls-listen and http; read again when it changes",
    parse: optionalPath,
  },
  tlsKey: {
    name: "tls-key",
    placeholder: "FILE",
    default: "",
    about: "the certificate's private key as PEM",
    parse: optionalPath,
  },
  http: {
    name: "http",
    placeholder: "ADDRESS|off",
    default: `:${DEFAULT_HTTP_PORT}`,
    about:
      "where browsers, players and curl are served, by HTTPS with tls-cert; or off",
    parse: (text) =>
      text === "off" ? [] : parseAddresses(text, DEFAULT_HTTP_PORT),
  },
  trustProxy: {
    name: "trust-proxy",
    placeholder: "NETWORK",
    default: "",
    about:
      "proxies that tell whom they bring, by PROXY protocol and X-Forwarded-For; never loopback",
    parse: parseNetworks,
  },
  allowOrigin: {
    name: "allow-origin",
    placeholder: "ORIGIN",
    default: "",
    about:
      "a web site whose pages may read media and lists from here, * for all",
    parse: parseOrigin,
  },
  users: {
    name: "users",
    placeholder: "FOLDER",
    default: "./users",
    about: "folder of NAME.ini files, one for each user",
    parse: nonEmpty,
  },
  auth: {
    name: "auth",
    placeholder: "MODULE",
    default: "",
    about:
      "your own module that decides who may do what, in the users folder's place",
    parse: optionalPath,
  },
  authUrl: {
    name: "auth-url",
    placeholder: "URL",
    default: "",
    about:
      "your own address that is asked by POST in their place; 2xx allows, anything else does not",
    parse: parseUrl,
  },
  eventUrl: {
    name: "event-url",
    placeholder: "URL",
    default: "",
    about:
      "an address that is told by POST of channels live, ended and refused",
    parse: parseUrl,
  },
  logFormat: {
    name: "log-format",
    placeholder: "text|json",
    default: "text",
    about: "how the lines on stderr look",
    parse: parseLogFormat,
  },
  backlog: {
    name: "backlog",
    placeholder: "SIZE",
    default: "8M",
    about: "bytes kept of a channel, for who joins late or falls behind",
    parse: atLeast(parseSize, 512 * 1024, "512K"),
  },
  // A hundred full backlogs, or ten thousand TCP watchers, fit into the default, and that into the
  // smallest machines that serve so many; the runtime itself takes some 100 MB more.
  memory: {
    name: "memory",
    placeholder: "SIZE",
    default: "1G",
    about:
      "for all backlogs and sessions; near it old backlog goes, then new watchers are refused",
    parse: atLeast(parseSize, 16 * 1024 * 1024, "16M"),
  },
  burst: {
    name: "burst",
    placeholder: "TIME",
    default: "0",
    about:
      "media that watchers are sent at once where neither they nor the channel say",
    parse: parseSeconds,
  },
  grace: {
    name: "grace",
    placeholder: "TIME",
    default: "10s",
    about: "how long watchers are held when a broadcaster's connection breaks",
    parse: parseSeconds,
  },
  tokenTime: {
    name: "token-time",
    placeholder: "TIME",
    default: "120s",
    about: "how long a one-time token is good",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  headerBlock: {
    name: "header-block",
    placeholder: "SIZE",
    default: "8K",
    about: "largest header block; browsers send 1K",
    parse: atLeast(parseSize, 64, "64"),
  },
  payload: {
    name: "payload",
    placeholder: "SIZE",
    default: "4K",
    about: "largest request; names and passwords fit many times over",
    parse: atLeast(parseSize, 64, "64"),
  },
  preludeTime: {
    name: "prelude-time",
    placeholder: "TIME",
    default: "10s",
    about:
      "time for header block and request together; slow peers hold a connection no longer",
    parse: atLeast(parseSeconds, 0.1, "0.1s"),
  },
  watcherStall: {
    name: "watcher-stall",
    placeholder: "TIME",
    default: "30s",
    about: "a watcher that takes no byte for so long is cut",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  broadcasterIdle: {
    name: "broadcaster-idle",
    placeholder: "TIME",
    default: "30s",
    about: "a broadcaster that sends no byte for so long is cut",
    parse: atLeast(parseSeconds, 1, "1s"),
  },
  connections: {
    name: "connections",
    placeholder: "N",
    default: "10000",
    about: "connections in all; each takes a file descriptor and some 30 KB",
    parse: atLeast(parseCount, 1, "1"),
  },
  connectionsPerAddress: {
    name: "connections-per-address",
    placeholder: "N",
    default: "1000",
    about:
      "connections from one address; a large office behind one router fits",
    parse: atLeast(parseCount, 1, "1"),
  },
  channelsPerUser: {
    name: "channels-per-user",
    placeholder: "N",
    default: "16",
    about:
      "channels a user may have on the air; each takes the backlog in memory",
    parse: atLeast(parseCount, 1, "1"),
  },
  watchersPerChannel: {
    name: "watchers-per-channel",
    placeholder: "N",
    default: "10000",
    about: "watchers of one channel",
    parse: atLeast(parseCount, 1, "1"),
  },
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
        throw new UsageError(`${written.where}: unknown setting "${name}"`);
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
