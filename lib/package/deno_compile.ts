import { runTool } from "./run_tool.ts";
import { PERMISSIONS, V8_FLAGS } from "./runtime_flags.ts";

/**
 * Milliseconds for `deno compile`, which first downloads some 40 MB: three minutes at 2 Mbit/s. A download
 * host that never answers costs no more than this.
 */
const COMPILE_MS = 180_000;

/** Part of the error of `deno compile` when it cannot download its base. */
const NO_BASE = "Setting up base binary";

/** The executable, or why its base is unavailable. */
export type Compiled =
  | { readonly path: string }
  | { readonly unavailable: string };

/**
 * Makes an executable with `deno compile`.
 *
 * @param script The path of the program as one script.
 * @param target The platform.
 * @param folder Where the executable is written.
 * @throws {Error} If it fails for another reason than a base that is unavailable.
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
    // Otherwise the executable writes a cache of compiled code at its first start.
    "--no-code-cache",
    ...PERMISSIONS,
    V8_FLAGS,
    `--target=${target}`,
    `--output=${path}`,
    script,
  ], { timeout: COMPILE_MS });
  if (success) return { path };
  if (performance.now() - began >= COMPILE_MS) {
    return { unavailable: `no runtime base within ${COMPILE_MS / 1000} s` };
  }
  if (stderr.includes(NO_BASE)) return { unavailable: reason(stderr) };
  throw new Error(`Cannot compile the program: ${stderr.trim()}`);
}

/** The innermost cause, which is the last of a numbered list. */
function reason(stderr: string): string {
  const causes = [...stderr.matchAll(/^\s*\d+: (.+)$/gm)]
    .map((match) => match[1]!)
    .filter((cause) => !cause.startsWith("<"));
  return causes.at(-1) ?? NO_BASE;
}
