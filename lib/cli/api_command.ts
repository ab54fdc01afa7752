import { ApiClient } from "../client/api_client.ts";
import { EXIT, UsageError } from "../errors.ts";
import { readFields, readPairs, readServers } from "./client_invocation.ts";
import type { CommandContext } from "./command.ts";
import { withEndSignal } from "./end_signal.ts";
import { type Flag, specOf } from "./flag_table.ts";
import { type Flags, parseFlags } from "./flags.ts";
import { withUserPassword } from "./missing_password.ts";

/** The keys of who signs in. */
const KEYS = ["user", "user_password"];

/** A command that asks the server's API. */
export interface ApiCommand {
  /** All of its flags. */
  readonly flags: readonly Flag[];
  /** How many words it takes at most. */
  readonly maxWords: number;
  /** Whether somebody must sign in. */
  readonly needsUser: boolean;
  /** Does its work; the signal is aborted when the program is asked to end. */
  run(api: ApiClient, flags: Flags, signal: AbortSignal): Promise<void>;
}

/**
 * Runs a command that asks the server's API. Who signs in comes from flags, version 1's pairs or the environment; a
 * missing password is asked for where there is a terminal.
 *
 * @param args After the command's name.
 * @param context What stood before it.
 * @returns The exit status.
 * @throws {UsageError} For what cannot be understood or used.
 */
export async function runApiCommand(
  args: readonly string[],
  context: CommandContext,
  command: ApiCommand,
): Promise<number> {
  const flags = parseFlags(args, specOf(command.flags));
  const fields = readFields(KEYS, flags, readPairs(KEYS, context.pairs));
  const servers = readServers(flags, context);
  const extra = flags.words[command.maxWords];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"`);
  }
  return await withEndSignal(async (signal) => {
    const token = flags.values.get("api-token");
    const credentials = await credentialsOf(fields, token, signal);
    using api = await ApiClient.open({ ...servers, credentials, signal });
    if (command.needsUser) api.requireUser();
    await command.run(api, flags, signal);
    return EXIT.done;
  });
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
