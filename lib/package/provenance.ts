import { VERSION } from "../cli/version.ts";
import { runTool } from "./run_tool.ts";

/** Milliseconds for a git command, which takes a few. */
const GIT_MS = 10_000;

/** What an executable was made from, and when. */
export interface Provenance {
  /** The program's version. */
  readonly version: string;
  /** The commit, with a `+` at its end when the sources differ from it; `unknown` without git. */
  readonly commit: string;
  /** When it was made, in UTC, as `2026-11-21T00:40Z`. */
  readonly built: string;
}

/**
 * Describes the sources.
 *
 * @param now Milliseconds since 1970.
 */
export async function provenance(now: number): Promise<Provenance> {
  const built = `${new Date(now).toISOString().slice(0, 16)}Z`;
  return { version: VERSION, commit: await commit(), built };
}

async function commit(): Promise<string> {
  const head = await git("rev-parse", "--short=12", "HEAD");
  if (head === undefined) return "unknown";
  const changes = await git("status", "--porcelain", "--", "lib", "main.ts");
  return changes === "" ? head : `${head}+`;
}

/** Runs git; an archive of the sources has no history, and a machine may have no git. */
async function git(...args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await runTool("git", args, { timeout: GIT_MS });
    return success ? stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
