import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { assets, importsOf, pages } from "../../lib/web/assets.ts";
import * as files from "../../lib/web/pages/files.ts";

const FOLDER = new URL("../../lib/web/pages/", import.meta.url);

/** Files of the folder that are not part of the pages. */
const NOT_SERVED = ["deno.json", "files.ts"];

/** Scripts by page, as the pages name them. */
const ENTRIES = {
  index: "list/list_page.js",
  watch: "watch/watch_page.js",
  broadcast: "broadcast/broadcast_page.js",
  admin: "admin/admin_page.js",
} as const;

/** Assets that no page names: one is loaded by a script, one is linked. */
const UNNAMED = ["mpegts.js", "licenses/mpegts.js.txt"];

/** The asset's text. */
function bodyOf(name: string): string {
  const asset = assets.get(name);
  assert(asset, `there is no asset "${name}"`);
  return asset.body;
}

/** The assets that a page loads. */
function loadedBy(html: string): string[] {
  const names = html.matchAll(
    /<(?:link|script|img)[^>]*\s(?:src|href)="\/assets\/([^"]+)"/g,
  );
  return [...names].map(([, name = ""]) => name);
}

/** The files below a folder, by their path in it. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, FOLDER))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(`${path}/`);
    else yield path;
  }
}

Deno.test("files.ts lists every file of the pages under its own path", async () => {
  const found = await Array.fromAsync(filesBelow(""));
  const served = found.filter((path) => !NOT_SERVED.includes(path));
  assertEquals(Object.keys(files), [...served, "mpegts.js"].sort());
  const texts: Readonly<Record<string, string>> = files;
  for (const path of served) {
    const text = await Deno.readTextFile(new URL(path, FOLDER));
    assertEquals(texts[path], text, path);
  }
});

Deno.test("pages load only assets that exist, and each asset is loaded by a page", () => {
  const loaded = new Set(UNNAMED);
  for (const [page, html] of Object.entries(pages)) {
    const names = loadedBy(html);
    assert(names.length > 2, page);
    for (const name of names) assert(bodyOf(name) !== "", name);
    names.forEach((name) => loaded.add(name));
  }
  assertEquals([...loaded].sort(), [...assets.keys()].sort());
});

Deno.test("pages preload all of their modules at once, not one level after the other", () => {
  for (const page of ["index", "watch", "broadcast", "admin"] as const) {
    const entry = ENTRIES[page];
    const script = `<script type="module" src="/assets/${entry}"></script>`;
    assert(pages[page].includes(script), page);
    const links = pages[page].matchAll(
      /rel="modulepreload" href="\/assets\/([^"]+)"/g,
    );
    const names = [...links].map(([, name = ""]) => name);
    assert(names.length > 5, page);
    assertEquals(new Set(names), importsOf(entry), page);
    assertEquals(names.length, new Set(names).size, page);
  }
});

Deno.test("pages other than the operator's load nothing of it", () => {
  for (const [page, html] of Object.entries(pages)) {
    const own = loadedBy(html).filter((name) => /\badmin\b/.test(name));
    assertEquals(own.length > 5, page === "admin", page);
    if (page !== "admin") assertEquals(own, [], page);
  }
});

Deno.test("importsOf() finds every import that a module's text contains", () => {
  for (const name of assets.keys()) {
    if (!name.endsWith(".js") || name === "mpegts.js") continue;
    const code = bodyOf(name).replace(/\/\*[\s\S]*?\*\//g, "");
    const base = `file:///${name}`;
    for (const [, target = ""] of code.matchAll(/\bfrom\s+"([^"]+)"/g)) {
      const path = new URL(target, base).pathname.slice(1);
      assert(importsOf(name).has(path), `${name} imports ${path}`);
      bodyOf(path);
    }
  }
});

Deno.test("pages contain nothing that their content security policy forbids", () => {
  for (const html of Object.values(pages)) {
    assertNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/i);
    assertNotMatch(html, /<script(?![^>]*\ssrc=)/i);
    assertNotMatch(html, /(?:src|href)="(?:https?:)?\/\//i);
  }
});

Deno.test("scripts of the pages insert names as text only", () => {
  const scripts = [...assets].filter(([name]) =>
    name.endsWith(".js") && name !== "mpegts.js"
  );
  assert(scripts.length > 20);
  for (const [name, { body }] of scripts) {
    assertNotMatch(
      body,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/,
      name,
    );
    assert(body.split("\n").length <= 300, `${name} is longer than 300 lines`);
  }
});

Deno.test("assets have a type that browsers accept, and mpegts.js comes with its licence", () => {
  assertMatch(assets.get("styles/base.css")?.type ?? "", /^text\/css/);
  const script = assets.get("watch/watch_page.js");
  assertMatch(script?.type ?? "", /^text\/javascript/);
  assertEquals(assets.get("icon.svg")?.type, "image/svg+xml");
  assertMatch(
    bodyOf("licenses/mpegts.js.txt"),
    /Apache License\s+Version 2\.0/,
  );
  assertMatch(bodyOf("licenses/mpegts.js.txt"), /es6-promise/);
  assert(bodyOf("mpegts.js").length > 200_000);
});
