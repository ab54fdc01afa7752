import type { FlagSpec } from "./flags.ts";

/** One flag of a command: what the parser, the help, the completions and the manual are made from. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** Its one-letter name, where it has one. */
  readonly short?: string;
  /**
   * What stands for the value in the help; absent for a flag that takes none. `a|b` are the values that
   * there are; `FILE`, `FOLDER` and `MODULE` are paths.
   */
  readonly placeholder?: string;
  /** Whether it is on without being given, and written with `no-` in front. */
  readonly negated?: boolean;
  /** What it does, in one line or several. */
  readonly about: string;
}

/** Columns of the help before what a flag does: the longest spelling and two spaces. */
const ABOUT_COLUMN = 29;

/**
 * What the parser has to know of a command's flags.
 *
 * @param flags The command's table.
 */
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

/**
 * A flag's spellings as they are typed: `["-u", "--user"]`.
 *
 * @param flag The flag.
 */
export function spellingsOf(flag: Flag): string[] {
  const long = `--${flag.negated ? "no-" : ""}${flag.name}`;
  return flag.short ? [`-${flag.short}`, long] : [long];
}

/** The values that a flag can have, where they are few and known. */
export function valuesOf({ placeholder = "" }: Flag): string[] {
  return placeholder.includes("|") ? placeholder.split("|") : [];
}

/** Whether a flag's value is a path, and of which kind. */
export function pathOf({ placeholder }: Flag): "file" | "folder" | undefined {
  if (placeholder === "FOLDER") return "folder";
  return placeholder === "FILE" || placeholder === "MODULE"
    ? "file"
    : undefined;
}

/**
 * Writes flags for a help, each with its lines in one column.
 *
 * @param flags The flags in the order of the help.
 * @returns Lines with their ends.
 */
export function flagHelp(flags: readonly Flag[]): string {
  return flags.map((flag) => {
    const left = [spellingsOf(flag).join(", "), flag.placeholder ?? ""];
    const about = flag.about.replaceAll("\n", `\n${" ".repeat(ABOUT_COLUMN)}`);
    return `  ${left.join(" ")}`.padEnd(ABOUT_COLUMN) + `${about}\n`;
  }).join("");
}
