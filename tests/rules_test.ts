import { assert, assertEquals } from "@std/assert";
import { exampleConfig } from "../lib/cli/example_config.ts";
import manifest from "../deno.json" with { type: "json" };

/** The keys of a request that a person gives. */
const REQUEST_KEYS = [
  ...[
    "user_password",
    "token",
    "channel",
    "channel_password",
    "bufsize",
    "format",
    "hold",
  ],
  ...["start", "burst", "wait"],
];

const ROOT = new URL("../", import.meta.url);

/**
 * The rooms from the bottom up: a file imports only from rooms of a lower rank, or from its own. Rooms
 * of one rank never import each other.
 */
const RANKS: readonly (readonly string[])[] = [
  ["plain"],
  ["clock"],
  ["net"],
  ["config"],
  ["wire", "http", "websocket", "media", "demo"],
  ["auth"],
  ["hub"],
  ["client", "session"],
  ["web"],
  ["server"],
  ["cli"],
  ["main", "package"],
];

/** Files that lie beside the rooms and are rooms of their own. */
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

async function sources(): Promise<string[]> {
  const files = ["main.ts"];
  for await (const path of filesBelow("lib/")) {
    if (path.endsWith(".ts") && !path.endsWith(".d.ts")) files.push(path);
  }
  return files;
}

function roomOf(path: string): string {
  return SINGLES[path] ?? /^lib\/(\w+)\//.exec(path)?.[1] ?? "plain";
}

function rankOf(path: string): number {
  const rank = RANKS.findIndex((rooms) => rooms.includes(roomOf(path)));
  assert(rank >= 0, `${path} lies in no known room`);
  return rank;
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

async function importsOf(path: string): Promise<string[]> {
  const text = await read(path);
  const names = [...text.matchAll(/\bfrom\s+"(\.[^"]+)"/g)].map((match) =>
    match[1]!
  );
  const base = new URL(path, ROOT);
  return names.map((name) => new URL(name, base).href.slice(ROOT.href.length));
}

Deno.test("rooms import only from rooms below them", async () => {
  let imports = 0;
  for (const path of await sources()) {
    for (const target of await importsOf(path)) {
      if (!target.endsWith(".ts")) continue;
      imports++;
      const same = roomOf(path) === roomOf(target);
      assert(
        same || rankOf(target) < rankOf(path),
        `${path} must not import ${target}`,
      );
    }
  }
  assert(imports > 50, `only ${imports} imports were found`);
});

Deno.test("files stay readable: none over 500 lines", async () => {
  for (const path of await sources()) {
    const lines = (await read(path)).split("\n").length;
    assert(lines <= 500, `${path} has ${lines} lines`);
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

/** The fenced block of the README behind a comment that names where it comes from. */
async function readmeBlock(source: string): Promise<string> {
  const readme = await read("README.md");
  const match = new RegExp(
    `<!-- ${source} -->\n\n?\`\`\`\\w+\n(.*?)\`\`\`\n`,
    "s",
  )
    .exec(readme);
  assert(match, `the README has no block of ${source}`);
  return match[1]!;
}

Deno.test("the README shows the settings as the program prints them", async () => {
  assertEquals(
    await readmeBlock("fstream serve --print-config"),
    exampleConfig(),
  );
});

Deno.test("the README shows the module that is tested", async () => {
  const source = "tests/vectors/auth/my_auth.ts";
  assertEquals(await readmeBlock(source), await read(source));
});

Deno.test("the README knows every flag of every command", async () => {
  const readme = await read("README.md");
  for (const key of REQUEST_KEYS) {
    assert(
      readme.includes(`--${key.replaceAll("_", "-")}`),
      `--${key} is not in the README`,
    );
  }
});

Deno.test("no file names a registry's host", async () => {
  for (const folder of ["lib/", "tests/", "users/", ".ci/"]) {
    for await (const path of filesBelow(folder)) {
      if (!/\.(ts|md|json|sh|js|html|ini|txt)$|\/run$/.test(path)) continue;
      const text = await read(path);
      assert(
        !/registry\.npm[j]s|npm[j]s\.(org|com)|jsr\.[i]o/.test(text),
        path,
      );
    }
  }
});
