import manifest from "../../deno.json" with { type: "json" };

/** The program's version. */
export const VERSION: string = manifest.version;

/** How an executable was made, and how it was called. */
export interface Build {
  /** The commit that it was made from; `+` behind it means with changes. */
  readonly commit: string;
  /** When, as `2026-11-21T00:40Z`. */
  readonly built: string;
  /** What makes it run without anything else. */
  readonly way: "compiled" | "self-extracting";
  /** What it runs on, as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** How it is called: its name where the search path finds it, else its path. */
  readonly program: string;
  /** Where it lies. */
  readonly path: string;
}

/**
 * What `--version` prints.
 *
 * @param build How the executable was made; absent for the sources.
 */
export function versionLine(build?: Build): string {
  if (!build) return `fstream ${VERSION}\n`;
  const { commit, built, way, target } = build;
  const made = `commit ${commit}, built ${built}, ${way}`;
  return `fstream ${VERSION} (${made}, deno ${Deno.version.deno}, ${target})\n`;
}

/**
 * How this very program is called from a shell.
 *
 * @param build How the executable was made; absent for the sources.
 * @returns Words to paste, quoted where the shell needs it.
 */
export function programOf(build?: Build): string {
  if (!build) return `npx --yes deno@${Deno.version.deno} task --quiet start`;
  return shellQuoted(build.program);
}

/** Quotes a word for a shell where it must be. */
export function shellQuoted(word: string): string {
  return /^[\w./+@%:-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
