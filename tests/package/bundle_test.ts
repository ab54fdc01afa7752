import { assertEquals } from "@std/assert";
import { fromRoot } from "../helpers/root.ts";

async function* sourcesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(fromRoot(folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sourcesBelow(path);
    else if (name.endsWith(".ts") && !name.endsWith(".d.ts")) yield path;
  }
}

Deno.test("no module imports one of the runtime, which bundle() cannot put into a script", async () => {
  const found: string[] = [];
  let sources = 0;
  for await (const path of sourcesBelow("lib")) {
    sources++;
    const text = await Deno.readTextFile(fromRoot(path));
    // Types are gone before the bundler sees them.
    if (/^import (?!type )[^;]*"node:|\bimport\("node:/m.test(text)) {
      found.push(path);
    }
  }
  assertEquals(found, []);
  assertEquals(sources > 100, true, `only ${sources} sources were found`);
});
