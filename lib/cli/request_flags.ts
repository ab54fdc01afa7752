import type { ClientOptions, RequestFields } from "../client.ts";
import { DEFAULT_PORT } from "../config.ts";
import { UsageError } from "../errors.ts";
import { parseAddress } from "../values.ts";
import type { CommandContext } from "./command.ts";
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

/** The part of the help that every client's command shares. */
export const CLIENT_HELP =
  `  --wire 1|2                 the protocol's version (default 2)
  --no-reply                 do not ask for an answer, for servers of the first days
  -q, --quiet                no live line on the terminal

Each flag but the last three may be an environment variable, which does not show in a list of
processes: fserv_arg_user_password=… . Version 1's grammar works too: fstream watch,user=fier
`;

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
  const flags = parseFlags(args, {
    value: [...keys.map(flagOf), "wire"],
    plain: ["quiet"],
    negatable: ["reply"],
    alias: { user: "u", channel: "c", quiet: "q" },
  });
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
  return {
    fields,
    client: {
      address: readAddress(
        context.address ?? (Deno.env.get("FSTREAM_SERVER") || undefined),
      ),
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

function readAddress(text: string | undefined): ClientOptions["address"] {
  try {
    return parseAddress(text ?? `127.0.0.1:${DEFAULT_PORT}`, DEFAULT_PORT);
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
