import { DEFAULT_TLS_PORT } from "../config/config.ts";
import { type Flag, flagHelp } from "./flag_table.ts";

/** The flags of requests by the key that they send; a command takes those of its request. */
const REQUEST_FLAGS: Readonly<Record<string, Omit<Flag, "name">>> = {
  user: { short: "u", placeholder: "NAME", about: "your user name" },
  "user_password": {
    placeholder: "PASSWORD",
    about: "your password; asked for on a terminal if it is missing",
  },
  token: { placeholder: "TOKEN", about: "a one-time token instead" },
  channel: {
    short: "c",
    placeholder: "NAME",
    about: 'the channel (default "default")',
  },
  "channel_password": {
    placeholder: "WORD",
    about: "what watchers must give (default none)",
  },
  bufsize: {
    placeholder: "SIZE",
    about: "record size; watchers start at a multiple of it",
  },
  format: {
    placeholder: "NAME",
    about: "the container, where it is not recognised; raw for none",
  },
  hold: {
    placeholder: "TIME",
    about: "keep watchers after the end, for an encoder that restarts",
  },
  start: {
    placeholder: "join|live|oldest",
    about: "where to start: the newest random access point (join, the\n" +
      "default), the next one (live), or the oldest kept (oldest)",
  },
  burst: {
    placeholder: "TIME",
    about: "media to get at once, for players that want a buffer",
  },
  wait: {
    placeholder: "TIME",
    about: "how long to wait for a channel that is not live",
  },
};

/** The flags that every client command takes besides those of its request. */
const CLIENT_FLAGS: readonly Flag[] = [
  { name: "tls", about: `speak TLS (default port ${DEFAULT_TLS_PORT})` },
  {
    name: "tls-ca",
    placeholder: "FILE",
    about: "speak TLS, and trust these certificates (PEM) too",
  },
  {
    name: "wire",
    placeholder: "1|2",
    about: "protocol version (default 2)",
  },
  {
    name: "reply",
    negated: true,
    about: "ask for no status frame, for servers that know none",
  },
  { name: "quiet", short: "q", about: "no progress, and no summary" },
];

/** The end of every client's help. */
const CLIENT_HELP = `
Each flag of the request may also be an environment variable, which process lists do not show:
fserv_arg_user_password=… . The grammar of version 1 works too: fstream watch,user=fier
`;

/** The flag that sends a request's key: `user-password` for `user_password`. */
export function flagOf(key: string): string {
  return key.replaceAll("_", "-");
}

/**
 * The flags of a client command.
 *
 * @param keys The request's keys that the command takes, as they are sent.
 * @param abouts What a key means to this command, where that differs.
 * @param more The command's own flags.
 */
export function clientFlags(
  keys: readonly string[],
  abouts: Readonly<Record<string, string>> = {},
  more: readonly Flag[] = [],
): Flag[] {
  const own = keys.map((key) => ({
    ...REQUEST_FLAGS[key]!,
    name: flagOf(key),
    ...(abouts[key] === undefined ? {} : { about: abouts[key] }),
  }));
  return [...own, ...more, ...CLIENT_FLAGS];
}

/** The flags of a command that asks the server's API: who signs in, and how the server is reached. */
export function apiFlags(more: readonly Flag[] = []): Flag[] {
  const [user, password] = clientFlags(["user", "user_password"], {
    user: "who signs in, to see and steer channels",
  });
  const tls = CLIENT_FLAGS.filter(({ name }) => name.startsWith("tls"));
  return [user!, password!, ...more, ...tls];
}

/** The flags of a client's help, and what may replace them. */
export function clientHelp(flags: readonly Flag[]): string {
  return flagHelp(flags) + CLIENT_HELP;
}
