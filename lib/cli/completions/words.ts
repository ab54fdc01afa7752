import type { Command } from "../command.ts";
import { type Flag, spellingsOf } from "../flag_table.ts";

/** The names of commands. */
export function namesOf(commands: readonly Command[]): string[] {
  return commands.map(({ name }) => name);
}

/** What may follow a command: its words, its flags and `--help`. */
export function wordsOf({ flags, words = [] }: Command): string[] {
  return [...words, ...flags.flatMap(spellingsOf), "--help"];
}

/** What a flag does, without the line ends of the help. Shells cut it to their width. */
export function oneLine({ about }: Flag): string {
  return about.replaceAll("\n", " ");
}
