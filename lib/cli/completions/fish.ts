import type { Command } from "../command.ts";
import { type Flag, pathOf, valuesOf } from "../flag_table.ts";
import { namesOf, oneLine } from "./words.ts";

/** What completes a path, and a value of which nothing is known. */
const PATHS = {
  file: "-r -F ",
  folder: "-x -a '(__fish_complete_directories)' ",
  none: "-x ",
} as const;

/** Writes the completions for fish. */
export function fish(commands: readonly Command[]): string {
  const names = namesOf(commands).join(" ");
  const lines = commands.flatMap((command) => [
    `complete -c fstream -f -n 'not __fish_seen_subcommand_from ${names}' -a ${command.name} -d ${
      fishQuoted(command.about)
    }\n`,
    ...fishWords(command),
    ...command.flags.map((flag) => fishFlag(command, flag)),
  ]);
  return `# fish completion of fstream\n${lines.join("")}`;
}

function fishWords({ name, words = [] }: Command): string[] {
  if (words.length === 0) return [];
  return [
    `complete -c fstream -f ${fishAfter(name)} -a '${words.join(" ")}'\n`,
  ];
}

function fishAfter(name: string): string {
  return `-n '__fish_seen_subcommand_from ${name}'`;
}

function fishFlag({ name }: Command, flag: Flag): string {
  const short = flag.short ? `-s ${flag.short} ` : "";
  const long = flag.negated ? `no-${flag.name}` : flag.name;
  const about = fishQuoted(oneLine(flag));
  return `complete -c fstream ${fishAfter(name)} ${short}-l ${long} ${
    fishValue(flag)
  }-d ${about}\n`;
}

function fishValue(flag: Flag): string {
  if (flag.placeholder === undefined) return "-f ";
  const values = valuesOf(flag);
  if (values.length > 0) return `-x -a '${values.join(" ")}' `;
  return PATHS[pathOf(flag) ?? "none"];
}

/** In fish's single quotes a backslash stands for itself, unless a quote or a backslash follows. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
