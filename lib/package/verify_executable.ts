import type { Provenance } from "./provenance.ts";
import { type Ran, runTool } from "./run_tool.ts";

/** Milliseconds for a start, the first one included, on a slow disk. */
const START_MS = 60_000;

/** The tools of any system, and neither Deno nor Node unless they are part of it. */
const SEARCH_PATH = "/usr/bin:/bin";

/** An operator's module, in TypeScript and in two files, as the program must be able to load one. */
const MODULE = {
  "module.ts":
    'import { allow } from "./allow.ts";\nexport default (): boolean => allow;\n',
  "allow.ts": "export const allow: boolean = true;\n",
} as const;

/**
 * Runs an executable before anybody gets it: it must tell its version and commit, and load an operator's
 * module, with an empty home and none of this process's environment.
 *
 * @param path The executable, made for this machine.
 * @param provenance What it was made from.
 * @param folder Where it may write.
 * @returns What is wrong with it; `undefined`: nothing.
 */
export async function faultOf(
  path: string,
  { version, commit }: Provenance,
  folder: string,
): Promise<string | undefined> {
  const home = await Deno.makeTempDir({ dir: folder, prefix: "home-" });
  const options = {
    timeout: START_MS,
    env: { HOME: home, PATH: SEARCH_PATH },
  };
  const told = await runTool(path, ["--version"], options);
  if (!told.stdout.startsWith(`fstream ${version} (commit ${commit},`)) {
    return `--version: ${words(told)}`;
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
  return checked.success ? undefined : `--auth: ${words(checked)}`;
}

/** The last line, which names the cause. */
function words({ stdout, stderr }: Ran): string {
  return `${stdout}${stderr}`.trim().split("\n").at(-1) || "it says nothing";
}
