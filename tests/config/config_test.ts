import { assertEquals, assertThrows } from "@std/assert";
import {
  buildConfig,
  type Config,
  SETTINGS,
  type Written,
} from "../../lib/config/config.ts";
import { UsageError } from "../../lib/errors.ts";

function layer(
  values: Readonly<Record<string, string>>,
  where = "here:",
): Map<string, Written> {
  return new Map(
    Object.entries(values).map(([name, text]) => [name, { text, where }]),
  );
}

/** The limits as the documentation promises them; sizes in bytes, times in seconds. */
const DEFAULTS: Config = {
  listen: [{ host: "", port: 61920 }],
  tlsListen: [{ host: "", port: 61921 }],
  tlsCert: undefined,
  tlsKey: undefined,
  trustProxy: [],
  allowOrigin: "",
  apiToken: "",
  metricsToken: "",
  users: "./users",
  auth: undefined,
  authUrl: undefined,
  eventUrl: undefined,
  events: ["live", "ended", "refused"],
  logFormat: "text",
  backlog: 8 * 1024 * 1024,
  memory: 1024 ** 3,
  burst: 0,
  linger: "auto",
  maxLag: { bytes: Infinity, seconds: Infinity },
  grace: 10,
  tokenTime: 120,
  headerBlock: 8192,
  requestFrame: 4096,
  requestTime: 10,
  keepAlive: 30,
  watcherStall: 30,
  broadcasterIdle: 30,
  connections: 10_000,
  connectionsPerNetwork: 1000,
  channelsPerUser: 16,
  watchersPerChannel: 10_000,
  nats: [],
  natsCredentials: undefined,
  natsCa: undefined,
  node: "",
  advertise: "",
  reusePort: false,
};

Deno.test("buildConfig() without layers gives the promised defaults", () => {
  // Settings that are added to the promised ones have defaults of their own.
  const built = Object.entries(buildConfig());
  const promised = built.filter(([key]) => Object.hasOwn(DEFAULTS, key));
  assertEquals(Object.fromEntries(promised) as unknown as Config, DEFAULTS);
});

Deno.test("buildConfig() lets a later layer go before an earlier one", () => {
  const file = layer({ backlog: "1M", grace: "1m", users: "/srv/users" });
  const flags = layer({ backlog: "2M", "log-format": "json" });
  const { backlog, grace, users, logFormat } = buildConfig(file, flags);
  assertEquals({ backlog, grace, users, logFormat }, {
    backlog: 2 * 1024 * 1024,
    grace: 60,
    users: "/srv/users",
    logFormat: "json",
  });
});

Deno.test("buildConfig() reads several addresses", () => {
  const { listen } = buildConfig(layer({ listen: "[::1]:1, 127.0.0.1,8000" }));
  assertEquals(listen, [
    { host: "::1", port: 1 },
    { host: "127.0.0.1", port: 61920 },
    { host: "", port: 8000 },
  ]);
});

Deno.test("buildConfig() refuses a name that is no setting, with its place", () => {
  for (const name of ["colour", "Backlog", "tokenTime", "", "__proto__"]) {
    const odd = new Map([[name, { text: "1", where: "f.ini line 3" }]]);
    const error = assertThrows(() => buildConfig(odd), UsageError);
    assertEquals(error.message, `f.ini line 3: unknown setting "${name}"`);
  }
});

Deno.test("buildConfig() takes the least value of a setting that has one", () => {
  const leasts = [
    ["backlog", "512K", 524_288],
    ["memory", "16M", 16_777_216],
    ["burst", "0", 0],
    ["grace", "0", 0],
    ["token-time", "1s", 1],
    ["header-block", "64", 64],
    ["request-frame", "64", 64],
    ["request-time", "0.1s", 0.1],
    ["keep-alive", "1s", 1],
    ["watcher-stall", "1s", 1],
    ["broadcaster-idle", "1s", 1],
    ["connections", "1", 1],
    ["connections-per-network", "1", 1],
    ["channels-per-user", "1", 1],
    ["watchers-per-channel", "1", 1],
  ] as const;
  const defaults = buildConfig();
  for (const [name, text, value] of leasts) {
    const key = Object.keys(SETTINGS).find((key) =>
      SETTINGS[key as keyof Config].name === name
    );
    const config = buildConfig(layer({ [name]: text }));
    assertEquals(config, { ...defaults, [key!]: value }, name);
  }
});

const BAD_VALUES: readonly [name: string, text: string, expects: string][] = [
  ["listen", "", "expects an address"],
  ["listen", ":1,", "expects an address"],
  ["users", "", "expects a path"],
  ["auth-url", "ftp://example.org/", "expects an address such as https"],
  ["event-url", "example.org", "expects an address such as https"],
  ["trust-proxy", "10.0.0.0/33", "expects a network such as 10.0.0.0/8"],
  ["trust-proxy", "127.0.0.1", "expects no loopback address"],
  ["events", "live, nonsense", 'not "nonsense"'],
  ["log-format", "xml", 'expects text or json, not "xml"'],
  ["backlog", "511K", 'expects at least 512K, not "511K"'],
  ["backlog", "8 M", "expects a size"],
  ["memory", "16383K", 'expects at least 16M, not "16383K"'],
  ["grace", "-1", "expects a time"],
  ["grace", "25d", "expects at most 24d"],
  ["token-time", "0.9", "expects at least 1s"],
  ["header-block", "63", "expects at least 64"],
  ["request-frame", "63", "expects at least 64"],
  ["request-time", "0.09", "expects at least 0.1s"],
  ["keep-alive", "0.9", "expects at least 1s"],
  ["watcher-stall", "0.9", "expects at least 1s"],
  ["broadcaster-idle", "0.9", "expects at least 1s"],
  ["connections", "0", "expects at least 1"],
  ["connections-per-network", "many", "expects a whole number"],
  ["connections-per-network", "0", "expects at least 1"],
  ["channels-per-user", "0", "expects at least 1"],
  ["channels-per-user", "1.5", "expects a whole number"],
  ["watchers-per-channel", "0", "expects at least 1"],
];

Deno.test("buildConfig() refuses a value that cannot be read, with its place", () => {
  for (const [name, text, expects] of BAD_VALUES) {
    const written = layer({ [name]: text }, "--there");
    const error = assertThrows(() => buildConfig(written), UsageError, expects);
    assertEquals(error.message.startsWith("--there expects"), true, name);
  }
});

Deno.test("SETTINGS have names that differ, and defaults that can be read", () => {
  const settings = Object.values(SETTINGS);
  const names = settings.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  for (const { name, about, parse, default: text } of settings) {
    assertEquals(/^[a-z]+(-[a-z]+)*$/.test(name), true, name);
    assertEquals(/^[^\n]{5,}[^.\n]$/.test(about), true, `${name}: ${about}`);
    parse(text);
  }
});
