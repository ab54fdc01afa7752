import { ApiClient } from "../client/api_client.ts";
import { readFields, readPairs, readServers } from "./client_invocation.ts";
import type { CommandContext } from "./command.ts";
import { type Flag, specOf } from "./flag_table.ts";
import { type Flags, parseFlags } from "./flags.ts";
import { withUserPassword } from "./missing_password.ts";

/** The keys of who signs in. */
const KEYS = ["user", "user_password"];

/** What a command that asks the server's API was given. */
export interface ApiInvocation {
  /** Its flags and words. */
  readonly flags: Flags;
  /**
   * Prepares to ask; asks for a missing password where there is a terminal.
   *
   * @throws {UsageError} For what cannot be used.
   */
  open(signal: AbortSignal): Promise<ApiClient>;
}

/**
 * Reads the command line of a command that asks the server's API. Who signs in comes from flags, version 1's pairs or
 * the environment.
 *
 * @param args After the command's name.
 * @param context What stood before it.
 * @param flags All of its flags.
 * @throws {UsageError} For what cannot be understood.
 */
export function readApiInvocation(
  args: readonly string[],
  context: CommandContext,
  flags: readonly Flag[],
): ApiInvocation {
  const read = parseFlags(args, specOf(flags));
  const fields = readFields(KEYS, read, readPairs(KEYS, context.pairs));
  const servers = readServers(read, context);
  const token = read.values.get("api-token");
  return {
    flags: read,
    async open(signal): Promise<ApiClient> {
      const credentials = await credentialsOf(fields, token, signal);
      return await ApiClient.open({ ...servers, credentials, signal });
    },
  };
}

async function credentialsOf(
  fields: ReturnType<typeof readFields>,
  token: string | undefined,
  signal: AbortSignal,
): Promise<{ user: string; password: string } | { token: string } | undefined> {
  const user = fields["user"];
  if (!user) return token === undefined ? undefined : { token };
  const complete = await withUserPassword(fields, signal);
  const password = String(complete["user_password"] ?? "");
  return { user: String(user), password };
}
