/**
 * `deno task compile`: makes `dist/fstream`, or an executable for another platform with `--target`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { build } from "./build.ts";

/** Exit statuses, the same as the program's. */
const STATUS = { failed: 1, usage: 2 } as const;

const USAGE = "Usage: deno task compile [--target PLATFORM]";

/** Writes one line to stderr. */
function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** The requested platform, `undefined` for this machine's; `null` for a wrong command line. */
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
 * @param args The command line after the task's name.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const target = targetOf(args);
  if (target === null) {
    say(USAGE);
    return STATUS.usage;
  }
  try {
    const { summary } = await build(target);
    say(summary);
    return 0;
  } catch (error) {
    say(`error: ${error instanceof Error ? error.message : error}`);
    return STATUS.failed;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
