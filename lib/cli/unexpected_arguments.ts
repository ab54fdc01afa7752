import { UsageError } from "../errors.ts";
import type { CommandContext } from "./command.ts";
import { type Flag, specOf } from "./flag_table.ts";
import { parseFlags } from "./flags.ts";

/**
 * Reads the command line of a command that takes flags with values and nothing else.
 *
 * @param args After the command's name.
 * @param context What stood before it, which must be nothing.
 * @returns Values by flag.
 * @throws {UsageError} For anything else.
 */
export function readValues(
  args: readonly string[],
  context: CommandContext,
  flags: readonly Flag[],
): ReadonlyMap<string, string> {
  const { values, words } = parseFlags(args, specOf(flags));
  rejectUnexpected(words[0], context);
  return values;
}

/**
 * Rejects an argument that the command does not take.
 *
 * @param word A word too many, if there is one.
 * @param context What stood before the command, which must be nothing.
 * @throws {UsageError} If there is anything.
 */
export function rejectUnexpected(
  word: string | undefined,
  { pairs, address }: CommandContext,
): void {
  const unexpected = word ?? pairs[0] ?? address;
  if (unexpected !== undefined) {
    throw new UsageError(`unexpected argument "${unexpected}"`);
  }
}
