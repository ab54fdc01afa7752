import { assertEquals } from "@std/assert";
import { LruMap } from "../../lib/auth/lru_map.ts";

function keysOf(map: LruMap<string, number>): string[] {
  return [...map.entries()].map(([key]) => key);
}

Deno.test("LruMap drops the entry used longest ago beyond its cap, and a peek is no use", () => {
  const map = new LruMap<string, number>(3);
  for (const [i, key] of ["a", "b", "c"].entries()) map.set(key, i);
  assertEquals(map.get("a"), 0);
  assertEquals(map.peek("b"), 1);
  map.set("d", 3);
  assertEquals(keysOf(map), ["c", "a", "d"]);
  assertEquals(map.get("b"), undefined);
});

Deno.test("LruMap.set() replaces a value without dropping another", () => {
  const map = new LruMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  assertEquals([...map.entries()], [["b", 2], ["a", 3]]);
  assertEquals(map.size, 2);
});

Deno.test("LruMap.delete() drops a key and tells whether it was there", () => {
  const map = new LruMap<string, number>(2);
  map.set("a", 1);
  assertEquals([map.delete("a"), map.delete("a"), map.size], [true, false, 0]);
});
