import type { ClientOptions, ClientTls } from "../client/client_options.ts";
import type { RequestFields } from "../client/request.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT } from "../config/config.ts";
import { UsageError } from "../errors.ts";
import { type Address, parseAddress } from "../net/address.ts";
import type { CommandContext } from "./command.ts";
import { type Flag, specOf } from "./flag_table.ts";
import { type Flags, parseFlags } from "./flags.ts";
import { clientFlags, flagOf } from "./request_flags.ts";
import { readRequestValue } from "./request_values.ts";
import { didYouMean } from "./suggest.ts";

/** What a client command was given. */
export interface ClientInvocation {
  /** The request's keys. */
  readonly fields: RequestFields;
  /** How to reach the server. */
  readonly client: ClientOptions;
  /** Where servers listen that stand in for one another, in the order in which they are tried. */
  readonly addresses: readonly Address[];
  /** Values of the command's own flags. */
  readonly own: ReadonlyMap<string, string>;
  /** No progress and no summary on the terminal. */
  readonly quiet: boolean;
}

/** What {@linkcode readInvocation} may need in addition to the keys. */
export interface InvocationOptions {
  /** What to do with a file that was given as an argument. */
  readonly fileHint?: (file: string) => string;
  /** The command's own flags. */
  readonly own?: readonly Flag[];
}

/**
 * Reads a client's command line, its environment and version 1's pairs. A flag takes precedence over a
 * pair, a pair over the environment.
 *
 * @param keys The request's keys that the command takes, as they are sent.
 * @param args After the command's name.
 * @param context What stood before it.
 * @throws {UsageError} For what cannot be understood.
 */
export function readInvocation(
  keys: readonly string[],
  args: readonly string[],
  context: CommandContext,
  { fileHint, own = [] }: InvocationOptions = {},
): ClientInvocation {
  const flags = parseFlags(args, specOf([...own, ...clientFlags(keys)]));
  const [word] = flags.words;
  if (word !== undefined) {
    throw new UsageError(`unexpected argument "${word}"`, fileHint?.(word));
  }
  const fields = readFields(keys, flags, readPairs(keys, context.pairs));
  if (!fields["user"]) {
    throw new UsageError(
      "the user is missing",
      "name the channel's user: --user NAME",
    );
  }
  const { addresses, tls } = readServers(flags, context);
  return {
    fields,
    addresses,
    own: flags.values,
    client: {
      address: addresses[0]!,
      ...(tls ? { tls } : {}),
      wire: readWire(flags.values.get("wire") ?? "2"),
      reply: flags.on.has("reply"),
    },
    quiet: flags.on.has("quiet"),
  };
}

/**
 * Reads where the servers are and whether to speak TLS.
 *
 * @throws {UsageError} For an address that cannot be read.
 */
export function readServers(
  flags: Flags,
  { address }: CommandContext,
): { readonly addresses: readonly Address[]; readonly tls?: ClientTls } {
  const tls = readTls(flags);
  const addresses = readAddresses(
    address ?? (Deno.env.get("FSTREAM_SERVER") || undefined),
    tls ? DEFAULT_TLS_PORT : DEFAULT_PORT,
  );
  return { addresses, ...(tls ? { tls } : {}) };
}

/**
 * Reads the keys that are given as flags, as version 1's pairs, or in the environment, in this order.
 *
 * @throws {UsageError} For a value that cannot be read.
 */
export function readFields(
  keys: readonly string[],
  flags: Flags,
  pairs: ReadonlyMap<string, string>,
): Record<string, string | number | undefined> {
  return Object.fromEntries(keys.map((key) => {
    const flag = flagOf(key);
    const variable = `fserv_arg_${key}`;
    const given: readonly [text: string | undefined, where: string][] = [
      [flags.values.get(flag), `--${flag}`],
      [pairs.get(key), key],
      [Deno.env.get(variable), variable],
    ];
    const [text, where = key] = given.find(([text]) => text !== undefined) ??
      [];
    const value = text === undefined
      ? undefined
      : readRequestValue(key, text, where);
    return [key, value];
  }));
}

/**
 * Reads version 1's pairs.
 *
 * @throws {UsageError} For a pair that the command does not take.
 */
export function readPairs(
  keys: readonly string[],
  pairs: readonly string[],
): Map<string, string> {
  const read = new Map<string, string>();
  for (const pair of pairs) {
    const split = pair.indexOf("=");
    const key = pair.slice(0, Math.max(split, 0)).replaceAll("-", "_");
    if (split < 0) throw new UsageError(`"${pair}" has no value: key=value`);
    if (!keys.includes(key)) {
      const hint = didYouMean(key, keys, `known are ${keys.join(", ")}`);
      throw new UsageError(`unknown key "${key}"`, hint);
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

/** Reads one address, or several with commas between them. */
function readAddresses(
  text: string | undefined,
  defaultPort: number,
): Address[] {
  const texts = text?.split(",") ?? [`127.0.0.1:${defaultPort}`];
  try {
    return texts.map((each) => parseAddress(each.trim(), defaultPort));
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
