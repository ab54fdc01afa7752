import { runTool } from "./run_tool.ts";
import { PERMISSIONS, V8_FLAGS } from "./runtime_flags.ts";

/**
 * Milliseconds for `deno compile`, which downloads some 40 MB at its first time: three minutes on a line
 * of 2 Mbit/s. A download host that swallows packets costs no more than this.
 */
const COMPILE_MS = 180_000;

/** What stands in the words of `deno compile` when it lacks the base that it puts the program on. */
const NO_BASE = "Setting up base binary";

/** What became of it: an executable, or the line that says what was lacking. */
export type Compiled =
  | { readonly path: string }
  | { readonly outOfReach: string };

/**
 * Makes an executable by `deno compile`.
 *
 * @param script The program as one script.
 * @param target What it will run on.
 * @param folder Where the executable is written.
 * @throws {Error} If it fails for another reason than that its base is out of reach.
 */
export async function compile(
  script: string,
  target: string,
  folder: string,
): Promise<Compiled> {
  const path = `${folder}/fstream${target.includes("windows") ? ".exe" : ""}`;
  const began = performance.now();
  const { success, stderr } = await runTool(Deno.execPath(), [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-lock",
    // Without it the executable writes a cache of compiled code beside its first start.
    "--no-code-cache",
    ...PERMISSIONS,
    V8_FLAGS,
    `--target=${target}`,
    `--output=${path}`,
    script,
  ], { timeout: COMPILE_MS });
  if (success) return { path };
  if (performance.now() - began >= COMPILE_MS) {
    return { outOfReach: `no runtime base within ${COMPILE_MS / 1000} s` };
  }
  if (stderr.includes(NO_BASE)) return { outOfReach: reason(stderr) };
  throw new Error(`Cannot compile the program: ${stderr.trim()}`);
}

/** The innermost cause, the last one of a numbered list. */
function reason(stderr: string): string {
  const causes = [...stderr.matchAll(/^\s*\d+: (.+)$/gm)]
    .map((match) => match[1]!)
    .filter((cause) => !cause.startsWith("<"));
  return causes.at(-1) ?? NO_BASE;
}
