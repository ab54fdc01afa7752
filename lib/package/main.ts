/**
 * `deno task compile`: makes `dist/fstream`, or with `--target PLATFORM` the like for another platform.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { build } from "./build.ts";

/** Exit statuses, as the program itself has them: failed, wrong usage. */
const STATUS = { failed: 1, usage: 2 } as const;

const USAGE = "Usage: deno task compile [--target PLATFORM]";

/** Writes one line to the standard error output. */
function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** The platform that is asked for, or that of this machine; `null` for a wrong command line. */
function targetOf(args: readonly string[]): string | undefined | null {
  let wrong = false;
  const { target } = parseArgs(args, {
    string: ["target"],
    unknown: () => wrong = true,
  });
  if (wrong || target === "") return null;
  return typeof target === "string" ? target : undefined;
}

/**
 * Runs the task.
 *
 * @param args The command line behind the task's name.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const target = targetOf(args);
  if (target === null) {
    say(USAGE);
    return STATUS.usage;
  }
  try {
    const { line } = await build(target);
    say(line);
    return 0;
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : error}`);
    return STATUS.failed;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
