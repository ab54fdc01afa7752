import manifest from "../../deno.json" with { type: "json" };
import { shellQuoted } from "./shell_quoted.ts";

/** The program's version. */
export const VERSION: string = manifest.version;

/** How an executable was made, and how it is called. */
export interface Build {
  /** The commit that it was made from; a `+` at its end means uncommitted changes. */
  readonly commit: string;
  /** When, as `2026-11-21T00:40Z`. */
  readonly built: string;
  /** What makes it run without anything else. */
  readonly way: "compiled" | "self-extracting";
  /** Its platform, as `x86_64-unknown-linux-gnu`. */
  readonly target: string;
  /** Its name where the search path finds it, else its path. */
  readonly program: string;
  /** Its path. */
  readonly path: string;
}

/** What `--version` prints; without a build, for the sources. */
export function versionLine(build?: Build): string {
  if (!build) return `fstream ${VERSION}\n`;
  const { commit, built, way, target } = build;
  const made = `commit ${commit}, built ${built}, ${way}`;
  return `fstream ${VERSION} (${made}, deno ${Deno.version.deno}, ${target})\n`;
}

/** How this program is called from a shell, quoted where it must be; without a build, from the sources. */
export function programOf(build?: Build): string {
  if (!build) return `npx --yes deno@${Deno.version.deno} task --quiet start`;
  return shellQuoted(build.program);
}
