import { assert } from "@std/assert";
import { assets } from "../../../lib/web/assets.ts";

/** Folders of the pages from the bottom up: a file imports only from lower folders, or from its own. */
const RANKS: readonly (readonly string[])[] = [
  ["ui", "mux"],
  ["players"],
  ["admin", "list", "watch", "broadcast"],
];

/** The pages' own modules: path and text. */
const MODULES = [...assets]
  .filter(([path]) => path.endsWith(".js") && path !== "mpegts.js")
  .map(([path, { body }]) => [path, body] as const);

function folderOf(path: string): string {
  return path.slice(0, path.indexOf("/"));
}

function rankOf(path: string): number {
  const rank = RANKS.findIndex((folders) => folders.includes(folderOf(path)));
  assert(rank >= 0, `${path} is in no known folder`);
  return rank;
}

Deno.test("pages import only from folders below them, types included", () => {
  let imports = 0;
  for (const [path, body] of MODULES) {
    for (const [, target = ""] of body.matchAll(/\bfrom\s+"(\.[^"]+)"/g)) {
      const other = new URL(target, `file:///${path}`).pathname.slice(1);
      imports++;
      const isOwn = folderOf(path) === folderOf(other);
      assert(
        isOwn || rankOf(other) < rankOf(path),
        `${path} must not import ${other}`,
      );
    }
  }
  assert(imports > 40, `only ${imports} imports were found`);
});

Deno.test("pages import only files of their own folder tree", () => {
  for (const [path, body] of MODULES) {
    for (const [, target = ""] of body.matchAll(/\bfrom\s+"([^"]+)"/g)) {
      const other = new URL(target, `file:///${path}`).pathname.slice(1);
      const isLibrary = target === "mpegts.js"; // Types only: a script tag loads it.
      assert(isLibrary || assets.has(other), `${path} imports ${target}`);
    }
  }
});
