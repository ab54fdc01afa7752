import { assert, assertEquals } from "@std/assert";
import manifest from "../deno.json" with { type: "json" };
import { SLOW_TESTS } from "./fast/slow_tests.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * The modules from the bottom up: a file imports only from modules of a lower rank, or from its own.
 * Modules of one rank never import each other.
 */
const RANKS: readonly (readonly string[])[] = [
  ["plain"],
  ["clock"],
  ["net"],
  ["config"],
  ["wire", "http", "websocket", "rtmp", "media", "demo"],
  ["auth", "hls"],
  ["hub"],
  ["cluster"],
  ["client", "session"],
  ["web"],
  ["server"],
  ["cli"],
  ["main", "package"],
];

/** The folders of the pages, which run in the browser and import nothing else; as for {@linkcode RANKS}. */
const PAGE_RANKS: readonly (readonly string[])[] = [
  ["ui", "mux"],
  ["players"],
  ["admin", "broadcast", "list", "watch"],
];

const PAGES = "lib/web/pages/";

/** Lines of a source file, at most: what a reader keeps in mind. */
const MAX_FILE_LINES = 350;

/** Files that are modules of their own. */
const SINGLES: Readonly<Record<string, string>> = {
  "main.ts": "main",
};

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(`${path}/`);
    else yield path;
  }
}

async function filesOf(suffix: string): Promise<string[]> {
  const files = suffix === ".ts" ? ["main.ts"] : [];
  for await (const path of filesBelow("lib/")) {
    if (path.endsWith(suffix) && !path.endsWith(".d.ts")) files.push(path);
  }
  return files;
}

function moduleOf(path: string): string {
  return SINGLES[path] ?? /^lib\/(\w+)\//.exec(path)?.[1] ?? "plain";
}

/** The folder of a page's script; `undefined` for any other file. */
function pageFolderOf(path: string): string | undefined {
  return path.startsWith(PAGES)
    ? path.slice(PAGES.length).split("/")[0]
    : undefined;
}

function rankIn(
  ranks: readonly (readonly string[])[],
  name: string,
): number {
  const rank = ranks.findIndex((names) => names.includes(name));
  assert(rank >= 0, `${name} has no place in the order of modules`);
  return rank;
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** The files that a file imports, static and dynamic, as paths from the root. */
async function importsOf(path: string): Promise<string[]> {
  const text = await read(path);
  const pattern = /\b(?:from\s+|import\s*\(\s*|import\s+)"(\.[^"]+)"/g;
  const base = new URL(path, ROOT);
  return [...text.matchAll(pattern)].map(([, name]) =>
    new URL(name!, base).href.slice(ROOT.href.length)
  );
}

Deno.test("modules import only from modules below them", async () => {
  let imports = 0;
  for (const path of await filesOf(".ts")) {
    const module = moduleOf(path);
    for (const target of await importsOf(path)) {
      if (!target.endsWith(".ts")) continue;
      imports++;
      const other = moduleOf(target);
      assert(
        other === module || rankIn(RANKS, other) < rankIn(RANKS, module),
        `${path} must not import ${target}`,
      );
    }
  }
  assert(imports > 50, `only ${imports} imports were found`);
});

Deno.test("scripts of the pages import only from folders below them", async () => {
  let imports = 0;
  for (const path of await filesOf(".js")) {
    const folder = pageFolderOf(path);
    assert(folder, `${path} is no script of a page`);
    for (const target of await importsOf(path)) {
      imports++;
      const other = pageFolderOf(target);
      assert(
        other === folder || other !== undefined &&
            rankIn(PAGE_RANKS, other) < rankIn(PAGE_RANKS, folder),
        `${path} must not import ${target}`,
      );
    }
  }
  assert(imports > 30, `only ${imports} imports were found`);
});

Deno.test("nothing lies loose in lib/ but what every module uses", async () => {
  const loose: string[] = [];
  for await (const { name, isFile } of Deno.readDir(new URL("lib/", ROOT))) {
    if (isFile) loose.push(name);
  }
  assertEquals(loose.sort(), ["errors.ts", "logger.ts", "std.d.ts"]);
});

Deno.test("files are short enough to keep in mind", async () => {
  const tests = (await Array.fromAsync(filesBelow("tests/")))
    .filter((path) => /\.[jt]s$/.test(path));
  assert(tests.length > 200, `only ${tests.length} files of tests were found`);
  const program = [...await filesOf(".ts"), ...await filesOf(".js")];
  for (const path of [...program, ...tests]) {
    const lines = (await read(path)).trimEnd().split("\n").length;
    assert(lines <= MAX_FILE_LINES, `${path} has ${lines} lines`);
  }
});

Deno.test("each untyped package of the import map is typed", async () => {
  const types = await read("lib/std.d.ts");
  for (const [name, target] of Object.entries(manifest.imports)) {
    if (!target.startsWith("npm:deno-std@")) continue;
    assert(
      types.includes(`declare module "${name}"`),
      `${name} has no types: it would be any`,
    );
  }
});

Deno.test("dependencies are pinned to one version", () => {
  for (const target of Object.values(manifest.imports)) {
    assert(
      /^npm:(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(\/|$)/.test(target),
      target,
    );
  }
});

Deno.test("the sanitizers that find leaked timers and sockets are on", () => {
  assertEquals(manifest.test, { sanitizeOps: true, sanitizeResources: true });
});

Deno.test("the fast tests leave out files and folders that exist", async () => {
  for (const path of SLOW_TESTS) await Deno.stat(new URL(path, ROOT));
});

Deno.test("the program asks for no permission to write or to run", () => {
  const commands = Object.entries(manifest.tasks)
    .filter(([name]) => ["start", "demo"].includes(name))
    .map(([, task]) => task.command);
  assertEquals(commands.length, 2);
  for (const command of commands) {
    assert(command.includes("--no-prompt"), command);
    assert(!/--allow-(write|run|sys|ffi|all)|-A\b/.test(command), command);
    assert(
      /--allow-env=/.test(command),
      "environment variables are named one by one",
    );
  }
});

Deno.test("no file names a registry's host", async () => {
  for (
    const folder of ["lib/", "tests/", "users/", "docs/", ".ci/", ".github/"]
  ) {
    for await (const path of filesBelow(folder)) {
      if (!/\.(ts|md|json|sh|js|html|ini|txt|yml)$|\/run$/.test(path)) continue;
      const text = await read(path);
      assert(
        !/registry\.npm[j]s|npm[j]s\.(org|com)|jsr\.[i]o/.test(text),
        path,
      );
    }
  }
});
