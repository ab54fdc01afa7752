import { assert } from "@std/assert";
import { fromRoot } from "../helpers/root.ts";

Deno.test("lib/cluster imports only types from other modules, so that it can be a script of its own", async () => {
  let imports = 0;
  for await (const { name } of Deno.readDir(fromRoot("lib/cluster"))) {
    const text = await Deno.readTextFile(fromRoot(`lib/cluster/${name}`));
    const found = text.matchAll(/^import ([^;]*?)from "([^"]+)"/gm);
    for (const [, what, path] of found) {
      imports++;
      const isOwn = path!.startsWith("./") ||
        path === "@nats-io/nats-core/internal";
      assert(
        isOwn || what!.startsWith("type "),
        `${name} imports a value from ${path}`,
      );
    }
  }
  assert(imports > 30, `only ${imports} imports were found`);
});

Deno.test("nothing but the entry point imports lib/cluster, other than its types", async () => {
  for await (const path of filesOf("lib")) {
    if (path.startsWith("lib/cluster/")) continue;
    const text = await Deno.readTextFile(fromRoot(path));
    const values = text.matchAll(
      /^import (?!type )[^;]*?from "[^"]*\/cluster\/[^"]+"/gm,
    );
    for (const [found] of values) assert(false, `${path}: ${found}`);
  }
});

async function* filesOf(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(fromRoot(folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesOf(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
