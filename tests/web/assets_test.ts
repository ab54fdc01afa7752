import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { assets, pages } from "../../lib/web/assets.ts";

/** Scripts by page, as the pages name them. */
const ENTRIES = {
  index: "list.js",
  watch: "watch.js",
  broadcast: "broadcast.js",
} as const;

/** The asset's text. */
function bodyOf(name: string): string {
  const asset = assets.get(name);
  assert(asset, `there is no asset "${name}"`);
  return asset.body;
}

/** The modules that a module loads, itself not counted. */
function modulesOf(name: string, found: Set<string> = new Set()): Set<string> {
  const imports = bodyOf(name).matchAll(
    /^(?:import|\}) .*from "\.\/([\w.]+)";$/gm,
  );
  for (const [, target = ""] of imports) {
    if (found.has(target)) continue;
    found.add(target);
    modulesOf(target, found);
  }
  return found;
}

Deno.test("pages name only assets that exist", () => {
  for (const [page, html] of Object.entries(pages)) {
    const names = [...html.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)];
    assert(names.length > 3, page);
    for (const [, name = ""] of names) bodyOf(name);
  }
});

Deno.test("pages load all of their modules at once, not one level after the other", () => {
  for (const page of ["index", "watch", "broadcast"] as const) {
    assert(
      pages[page].includes(
        `<script type="module" src="/assets/${ENTRIES[page]}">`,
      ),
      page,
    );
    const loaded = [
      ...pages[page].matchAll(/rel="modulepreload" href="\/assets\/([^"]+)"/g),
    ];
    const names = loaded.map(([, name = ""]) => name);
    assertEquals(names.sort(), [...modulesOf(ENTRIES[page])].sort(), page);
  }
});

Deno.test("pages hold nothing that their content security policy forbids", () => {
  for (const html of Object.values(pages)) {
    assertNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/i);
    assertNotMatch(html, /<script(?![^>]*\ssrc=)/i);
    assertNotMatch(html, /(?:src|href)="(?:https?:)?\/\//i);
  }
});

Deno.test("scripts of the pages put names in as text only", () => {
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

Deno.test("assets have a type that browsers take, and mpegts.js comes with its licence", () => {
  assertMatch(assets.get("style.css")?.type ?? "", /^text\/css/);
  assertMatch(assets.get("watch.js")?.type ?? "", /^text\/javascript/);
  assertEquals(assets.get("icon.svg")?.type, "image/svg+xml");
  assertMatch(
    bodyOf("licenses/mpegts.js.txt"),
    /Apache License\s+Version 2\.0/,
  );
  assertMatch(bodyOf("licenses/mpegts.js.txt"), /es6-promise/);
  assert(bodyOf("mpegts.js").length > 200_000);
});
