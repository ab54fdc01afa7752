import type { Provenance } from "./provenance.ts";
import { runTool } from "./run_tool.ts";

/** Milliseconds for the bundler, which downloads its tool when it is first used. */
const BUNDLE_MS = 120_000;

/** How an executable is made. */
export type Way = "compiled" | "self-extracting";

/**
 * How the program learns its own path: it is the runtime's when it is compiled, else one of the two
 * arguments that the launcher puts before the user's.
 */
const CALLS: Readonly<Record<Way, string>> = {
  compiled:
    "const [program, path, args] = [Deno.execPath(), Deno.execPath(), Deno.args];",
  "self-extracting": "const [program, path, ...args] = Deno.args.slice(1);",
};

/**
 * Makes one script of the whole program, with its pages and its clip. A script, not a module: its
 * functions are compiled when they are first called, which saves 5 MB. Without a source map, which costs
 * 14 MB and 0.2 s at every start, while the script's own names and lines are readable.
 *
 * @param folder Where it writes `entry.ts` and the script.
 * @returns The script's path.
 * @throws {Error} If the sources cannot be bundled.
 */
export async function bundle(
  way: Way,
  provenance: Provenance,
  target: string,
  folder: string,
): Promise<string> {
  const entry = `${folder}/entry.ts`;
  const script = `${folder}/fstream.js`;
  await Deno.writeTextFile(entry, entryText(way, provenance, target));
  const { success, stderr } = await runTool(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--config=deno.json",
    "--format=iife",
    `--output=${script}`,
    entry,
  ], { timeout: BUNDLE_MS });
  if (!success) throw new Error(`Cannot bundle the program: ${stderr.trim()}`);
  // Modules are strict by default, scripts are not.
  const text = await Deno.readTextFile(script);
  await Deno.writeTextFile(script, `"use strict";\n${text}`);
  return script;
}

function entryText(
  way: Way,
  { commit, built }: Provenance,
  target: string,
): string {
  const main = new URL("../cli/main.ts", import.meta.url).href;
  const fields = JSON.stringify({ commit, built, way, target }).slice(1, -1);
  return `import { main } from ${JSON.stringify(main)};
${CALLS[way]}
main(args, { ${fields}, program, path }).then(Deno.exit);
`;
}
