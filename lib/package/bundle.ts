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
  const cluster = await bundleCluster(folder);
  const entry = `${folder}/entry.ts`;
  const script = `${folder}/fstream.js`;
  await Deno.writeTextFile(entry, entryText(way, provenance, target, cluster));
  await runBundler(entry, script);
  // Modules are strict by default, scripts are not.
  const text = await Deno.readTextFile(script);
  await Deno.writeTextFile(script, `"use strict";\n${text}`);
  return script;
}

/**
 * Makes a script of its own of what connects servers, so that a server without it keeps no byte of it in memory: as a
 * text, which is evaluated when it is needed, and which {@linkcode extractTexts} leaves in a file. It needs nothing of
 * Node.js, which the bundler could not put into a script, and is small, because comments would be texts as well.
 *
 * @returns The path of the text.
 */
async function bundleCluster(folder: string): Promise<string> {
  const entry = `${folder}/cluster_entry.ts`;
  const path = `${folder}/cluster.txt`;
  const module = new URL("../cluster/cluster.ts", import.meta.url).href;
  await Deno.writeTextFile(
    entry,
    `import { probeNats, startCluster } from ${JSON.stringify(module)};
Object.assign(globalThis, { fstreamCluster: { probeNats, startCluster } });
`,
  );
  await runBundler(entry, path, "--platform=browser", "--minify");
  return path;
}

async function runBundler(
  entry: string,
  output: string,
  ...flags: string[]
): Promise<void> {
  const { success, stderr } = await runTool(Deno.execPath(), [
    "bundle",
    "--quiet",
    "--config=deno.json",
    "--format=iife",
    ...flags,
    `--output=${output}`,
    entry,
  ], { timeout: BUNDLE_MS });
  if (!success) throw new Error(`Cannot bundle the program: ${stderr.trim()}`);
}

function entryText(
  way: Way,
  { commit, built }: Provenance,
  target: string,
  cluster: string,
): string {
  const main = new URL("../cli/main.ts", import.meta.url).href;
  const fields = JSON.stringify({ commit, built, way, target }).slice(1, -1);
  return `import { main } from ${JSON.stringify(main)};
import cluster from ${JSON.stringify(cluster)} with { type: "text" };
${CALLS[way]}
function loadCluster() {
  new Function('"use strict";' + cluster)();
  return Promise.resolve(globalThis.fstreamCluster);
}
main(args, { ${fields}, program, path }, loadCluster).then(Deno.exit);
`;
}
