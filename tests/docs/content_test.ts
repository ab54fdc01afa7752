import { assert, assertEquals } from "@std/assert";
import { exampleConfig } from "../../lib/cli/example_config.ts";
import { readUser, UserFileError } from "../../lib/auth/users/user_file.ts";
import { SETTING_KEYS } from "../../lib/auth/permissions/settings.ts";
import { CONTAINERS } from "../../lib/media/detect/containers.ts";
import { REFUSALS } from "../../lib/errors.ts";
import { fromRoot } from "../helpers/root.ts";
import { blockFrom, blocksOf, documents, readDocument } from "./markdown.ts";

/** The keys of a request that a person gives. */
const REQUEST_KEYS = [
  ...["user", "user_password", "token", "channel", "channel_password"],
  ...[
    "bufsize",
    "format",
    "hold",
    "start",
    "burst",
    "wait",
    "reply",
    "frames",
    "resume",
  ],
];

/** Keys that a client sets by itself. */
const NOT_GIVEN = ["reply", "frames", "resume"];

Deno.test("docs/settings.md shows the settings as the program prints them", () => {
  const source = "fstream serve --print-config";
  assertEquals(blockFrom("docs/settings.md", source).text, exampleConfig());
});

Deno.test("docs/settings.md shows the module that is tested", async () => {
  const source = "tests/vectors/auth/my_auth.ts";
  const module = await Deno.readTextFile(fromRoot(source));
  assertEquals(blockFrom("docs/settings.md", source).text, module);
});

Deno.test("docs/settings.md shows users' files that can be read", async () => {
  const files = blocksOf(readDocument("docs/settings.md"))
    .filter(({ text }) => text.startsWith("[DEFAULT]"));
  assert(files.length >= 2);
  const path = await Deno.makeTempFile({ suffix: ".ini" });
  try {
    for (const { text } of files) {
      await Deno.writeTextFile(path, text);
      const user = await readUser("fier", path, await Deno.stat(path));
      assert(!(user instanceof UserFileError), String(user));
      assertEquals(user.password, "123");
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("docs/settings.md names the environment variable of every key", () => {
  const text = readDocument("docs/settings.md");
  for (const key of REQUEST_KEYS.filter((key) => !NOT_GIVEN.includes(key))) {
    assert(text.includes(`\`fserv_arg_${key}\``), key);
  }
});

Deno.test("docs/settings.md and the example explain every key of a user's file", () => {
  const text = readDocument("docs/settings.md");
  const example = readDocument("users/example.ini");
  for (const key of SETTING_KEYS) {
    assert(text.includes(`| \`${key} = `), key);
    assert(example.includes(`\n#${key} = `), key);
  }
});

/** The events that the program logs, by the calls in its sources. */
function loggedEvents(folder: string): string[] {
  return [...Deno.readDirSync(fromRoot(folder))].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return loggedEvents(path);
    if (!path.endsWith(".ts")) return [];
    const calls =
      /(?:[lL]ogger|throttle|session|refusals|#next)\??\.log\(\s*"([\w-]+)"/g;
    return [...readDocument(path).matchAll(calls)].map(([, event]) => event!);
  });
}

Deno.test("docs/settings.md has every event of the log", () => {
  const rows = readDocument("docs/settings.md").split("\n")
    .filter((line) => line.startsWith("| `"));
  const events = new Set(loggedEvents("lib"));
  assert(events.size > 12, `only ${[...events].join()}`);
  for (const event of events) {
    assert(rows.some((row) => row.includes(`\`${event}\``)), event);
  }
});

Deno.test("docs/protocol.md has a row for every key and every code", () => {
  const text = readDocument("docs/protocol.md");
  for (const name of [...REQUEST_KEYS, ...Object.keys(REFUSALS)]) {
    assert(text.includes(`| \`${name}\` `), name);
  }
});

Deno.test("docs/late-joining.md names every container and alias", () => {
  const rows = readDocument("docs/late-joining.md").split("\n")
    .filter((line) => line.startsWith("|")).join("\n");
  for (const { name, aliases } of CONTAINERS) {
    assert(rows.includes(`\`${name}\``), name);
    for (const alias of aliases) {
      assert(new RegExp(`\\b${alias}\\b`).test(rows), alias);
    }
  }
});

Deno.test("the README has at most 200 lines", () => {
  const lines = readDocument("README.md").split("\n").length;
  assert(lines <= 200, `${lines} lines`);
});

/** The anchor of a heading, as web sites of repositories make it. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

function anchorsOf(path: string): string[] {
  const headings = readDocument(path).matchAll(/^#+ (.+)$/gm);
  return [...headings].map((match) => anchorOf(match[1]!));
}

Deno.test("links within the documents lead somewhere", () => {
  let links = 0;
  for (const path of documents()) {
    const base = new URL(path, "file:///");
    for (const [, target] of readDocument(path).matchAll(/\]\(([^)]+)\)/g)) {
      if (/^\w+:/.test(target!)) continue;
      links++;
      const { pathname, hash } = new URL(target!, base);
      const file = pathname.slice(1);
      assert(exists(file), `${path}: ${target}`);
      if (hash === "") continue;
      assert(anchorsOf(file).includes(hash.slice(1)), `${path}: ${target}`);
    }
  }
  assert(links > 20, `only ${links} links`);
});

Deno.test("files that the documents name exist", () => {
  const names = /`((?:lib|tests|docs|\.ci|\.github)\/[\w./-]*\w)\/?`/g;
  let found = 0;
  for (const path of documents()) {
    for (const [, name] of readDocument(path).matchAll(names)) {
      if (/NAME/.test(name!)) continue;
      found++;
      assert(exists(name!), `${path}: ${name}`);
    }
  }
  assert(found > 40, `only ${found} files`);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(fromRoot(path));
    return true;
  } catch {
    return false;
  }
}
