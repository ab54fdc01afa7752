import type { Provenance } from "./provenance.ts";
import { type Ran, runTool } from "./run_tool.ts";

/** Milliseconds for a start, which may be the first one, on a slow disk. */
const START_MS = 60_000;

/** The tools of any system, where neither Deno nor Node is expected. */
const SEARCH_PATH = "/usr/bin:/bin";

/** An auth module in TypeScript, of two files, which the program must be able to load. */
const MODULE = {
  "module.ts":
    'import { allow } from "./allow.ts";\nexport default (): boolean => allow;\n',
  "allow.ts": "export const allow: boolean = true;\n",
} as const;

/**
 * Runs a new executable with an empty home and none of this process's environment: it must print its
 * version and commit, and load an auth module.
 *
 * @param path The executable, made for this machine.
 * @param folder Where this function may write.
 * @returns What is wrong with it, if anything is.
 */
export async function verifyExecutable(
  path: string,
  { version, commit }: Provenance,
  folder: string,
): Promise<string | undefined> {
  const home = await Deno.makeTempDir({ dir: folder, prefix: "home-" });
  const options = {
    timeout: START_MS,
    env: { HOME: home, PATH: SEARCH_PATH },
  };
  const printed = await runTool(path, ["--version"], options);
  if (!printed.stdout.startsWith(`fstream ${version} (commit ${commit},`)) {
    return `--version: ${lastLine(printed)}`;
  }
  for (const [name, text] of Object.entries(MODULE)) {
    await Deno.writeTextFile(`${home}/${name}`, text);
  }
  const args = ["--auth", `${home}/module.ts`, "--connections", "16"];
  const checked = await runTool(
    path,
    ["check", "--listen", "127.0.0.1:0", ...args],
    options,
  );
  return checked.success ? undefined : `--auth: ${lastLine(checked)}`;
}

/** The last line of output, which names the cause. */
function lastLine({ stdout, stderr }: Ran): string {
  return `${stdout}${stderr}`.trim().split("\n").at(-1) || "no output";
}
