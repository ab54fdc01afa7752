import { UsageError } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { type Flag, specOf } from "./flag_table.ts";
import { parseFlags } from "./flags.ts";

/**
 * Reads the command line of a command that takes flags with values and nothing else.
 *
 * @param args Behind the command's name.
 * @param context What stood before it, which must be nothing.
 * @param flags The command's table.
 * @returns Values by flag.
 * @throws {UsageError} for anything else.
 */
export function placed(
  args: readonly string[],
  context: CommandContext,
  flags: readonly Flag[],
): ReadonlyMap<string, string> {
  const { values, words } = parseFlags(args, specOf(flags));
  refuseStray(words[0], context);
  return values;
}

/**
 * Refuses what no place is known for.
 *
 * @param word A word too many, if there is one.
 * @param context What stood before the command, which must be nothing.
 * @throws {UsageError} if there is anything.
 */
export function refuseStray(
  word: string | undefined,
  { pairs, address }: CommandContext,
): void {
  const stray = word ?? pairs[0] ?? address;
  if (stray !== undefined) throw new UsageError(`cannot place "${stray}"`);
}
