import type { FlagSpec } from "./flags.ts";

/** One flag of a command: what the parser, the help, the completions and the manual are made from. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** Its one-letter name, where it has one. */
  readonly short?: string;
  /**
   * What stands for the value in the help; absent for a flag that takes none. In `a|b` the lower-case
   * words are values; `FILE`, `FOLDER` and `MODULE` are paths.
   */
  readonly placeholder?: string;
  /** Whether it is on by default, and switched off with `no-` in front. */
  readonly negated?: boolean;
  /** What it does, in one line or several. */
  readonly about: string;
}

/** Columns of the help before what a flag does: the longest spelling, and two spaces. */
const ABOUT_COLUMN = 29;

/** What the parser needs to know about a command's flags. */
export function specOf(flags: readonly Flag[]): FlagSpec {
  const named = (wanted: (flag: Flag) => boolean): string[] =>
    flags.filter(wanted).map(({ name }) => name);
  return {
    value: named(({ placeholder }) => placeholder !== undefined),
    plain: named(({ placeholder, negated }) =>
      placeholder === undefined && !negated
    ),
    negatable: named(({ negated }) => negated === true),
    alias: Object.fromEntries(
      flags.flatMap(({ name, short }) => short ? [[name, short]] : []),
    ),
  };
}

/** A flag's spellings as they are typed: `["-u", "--user"]`. */
export function spellingsOf(flag: Flag): string[] {
  const long = `--${flag.negated ? "no-" : ""}${flag.name}`;
  return flag.short ? [`-${flag.short}`, long] : [long];
}

/** The values that a flag can have, where they are few and known; `ADDRESS` stands for one, and is none. */
export function valuesOf({ placeholder = "" }: Flag): string[] {
  if (!placeholder.includes("|")) return [];
  return placeholder.split("|").filter((word) => !/[A-Z]/.test(word));
}

/** Whether a flag's value is a path, and of which kind. */
export function pathOf({ placeholder }: Flag): "file" | "folder" | undefined {
  if (placeholder === "FOLDER") return "folder";
  return placeholder === "FILE" || placeholder === "MODULE"
    ? "file"
    : undefined;
}

/** Writes flags for a help text, in the same order, with what they do in one column. */
export function flagHelp(flags: readonly Flag[]): string {
  return flags.map((flag) => {
    const left = [spellingsOf(flag).join(", "), flag.placeholder ?? ""];
    const about = flag.about.replaceAll("\n", `\n${" ".repeat(ABOUT_COLUMN)}`);
    return `  ${left.join(" ")}`.padEnd(ABOUT_COLUMN) + `${about}\n`;
  }).join("");
}
