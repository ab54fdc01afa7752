import type {
  ClientOptions,
  ClientTls,
  RequestFields,
} from "../client/request.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT } from "../config/config.ts";
import { UsageError } from "../errors.ts";
import { parseAddress } from "../net/address.ts";
import type { CommandContext } from "./command.ts";
import { type Flag, flagHelp, specOf } from "./flag_table.ts";
import { type Flags, parseFlags } from "./flags.ts";

/** What a client's command was given. */
export interface ClientInvocation {
  /** The request's keys. */
  readonly fields: RequestFields;
  /** How to reach the server. */
  readonly client: ClientOptions;
  /** No live line. */
  readonly quiet: boolean;
}

/** The flags of requests by the key that they send; a command takes those of its request. */
const REQUEST_FLAGS: Readonly<Record<string, Omit<Flag, "name">>> = {
  user: { short: "u", placeholder: "NAME", about: "who you are" },
  "user_password": { placeholder: "PASSWORD", about: "your password" },
  token: { placeholder: "TOKEN", about: "a one-time token in its place" },
  channel: {
    short: "c",
    placeholder: "NAME",
    about: 'the channel (default "default")',
  },
  "channel_password": {
    placeholder: "WORD",
    about: "what watchers have to give (default none)",
  },
  bufsize: {
    placeholder: "BYTES",
    about: "who joins begins at a multiple of so many bytes",
  },
  format: {
    placeholder: "NAME",
    about: "the container, if it is not recognised; raw: none",
  },
  hold: {
    placeholder: "SECONDS",
    about: "hold the watchers after the end, for who restarts his encoder",
  },
  start: {
    placeholder: "join|live|oldest",
    about:
      "begin at the newest place where decoding can start (join, the default),\n" +
      "at the next one (live), or at the oldest that is kept (oldest)",
  },
  burst: {
    placeholder: "SECONDS",
    about: "begin so far back, for players that want a buffer first",
  },
  wait: {
    placeholder: "SECONDS",
    about: "wait for a channel that is not live yet",
  },
};

/** The flags that every client's command has beside its request's. */
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
    about: "the protocol's version (default 2)",
  },
  {
    name: "reply",
    negated: true,
    about: "do not ask for an answer, for servers of the first days",
  },
  { name: "quiet", short: "q", about: "no live line on the terminal" },
];

/** The end of every client's help. */
const CLIENT_HELP = `
Each flag but the last five may be an environment variable, which does not show in a list of
processes: fserv_arg_user_password=… . Version 1's grammar works too: fstream watch,user=fier
`;

/**
 * The flags of a client's command.
 *
 * @param keys The request's keys that the command takes, as they go over the wire.
 * @param abouts What a key means to this command, where that differs.
 */
export function clientFlags(
  keys: readonly string[],
  abouts: Readonly<Record<string, string>> = {},
): Flag[] {
  const own = keys.map((key) => ({
    ...REQUEST_FLAGS[key]!,
    name: flagOf(key),
    ...(abouts[key] === undefined ? {} : { about: abouts[key] }),
  }));
  return [...own, ...CLIENT_FLAGS];
}

/**
 * The flags of a client's help, and what may be written in their place.
 *
 * @param flags As {@linkcode clientFlags} has them.
 */
export function clientHelp(flags: readonly Flag[]): string {
  return flagHelp(flags) + CLIENT_HELP;
}

/**
 * Reads a client's command line, its environment and version 1's pairs; a flag goes before a pair,
 * a pair before the environment.
 *
 * @param keys The request's keys that the command takes, as they go over the wire.
 * @param args Behind the command's name.
 * @param context What stood before it.
 * @throws {UsageError} for what cannot be understood.
 */
export function readInvocation(
  keys: readonly string[],
  args: readonly string[],
  context: CommandContext,
): ClientInvocation {
  const flags = parseFlags(args, specOf(clientFlags(keys)));
  if (flags.words.length > 0) {
    throw new UsageError(`cannot place "${flags.words[0]}"`);
  }
  const fields = readFields(keys, flags, readPairs(keys, context.pairs));
  if (!fields.user) {
    throw new UsageError(
      "the user is missing",
      "whose channel is it? --user NAME",
    );
  }
  const tls = readTls(flags);
  return {
    fields,
    client: {
      address: readAddress(
        context.address ?? (Deno.env.get("FSTREAM_SERVER") || undefined),
        tls ? DEFAULT_TLS_PORT : DEFAULT_PORT,
      ),
      ...(tls ? { tls } : {}),
      wire: readWire(flags.values.get("wire") ?? "2"),
      reply: flags.on.has("reply"),
    },
    quiet: flags.on.has("quiet"),
  };
}

function flagOf(key: string): string {
  return key.replaceAll("_", "-");
}

function readFields(
  keys: readonly string[],
  flags: Flags,
  pairs: ReadonlyMap<string, string>,
): Record<string, string | undefined> {
  const fields: Record<string, string | undefined> = {};
  for (const key of keys) {
    fields[key] = flags.values.get(flagOf(key)) ?? pairs.get(key) ??
      Deno.env.get(`fserv_arg_${key}`);
    if (fields[key]?.includes(",")) {
      throw new UsageError(
        `${key} holds a comma, which the protocol cannot carry`,
        "requests are written as verb,key=value,key=value and nothing in them is escaped",
      );
    }
  }
  return fields;
}

function readPairs(
  keys: readonly string[],
  pairs: readonly string[],
): Map<string, string> {
  const read = new Map<string, string>();
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    const key = pair.slice(0, Math.max(split, 0)).replaceAll("-", "_");
    if (!keys.includes(key)) {
      throw new UsageError(`cannot understand "${pair}"`);
    }
    if (read.has(key)) throw new UsageError(`${key} is given twice`);
    read.set(key, pair.slice(split + 1));
  }
  return read;
}

function readTls({ on, values }: Flags): ClientTls | undefined {
  const ca = values.get("tls-ca");
  if (ca !== undefined) return { ca };
  return on.has("tls") ? {} : undefined;
}

function readAddress(
  text: string | undefined,
  defaultPort: number,
): ClientOptions["address"] {
  try {
    return parseAddress(text ?? `127.0.0.1:${defaultPort}`, defaultPort);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new UsageError(`the server's address ${error.message}`);
    }
    throw error;
  }
}

function readWire(text: string): 1 | 2 {
  if (text === "1" || text === "2") return text === "1" ? 1 : 2;
  throw new UsageError(`--wire expects 1 or 2, not "${text}"`);
}
