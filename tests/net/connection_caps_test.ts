import { assertEquals } from "@std/assert";
import { ConnectionCaps } from "../../lib/net/connection_caps.ts";
import { MemoryBudget } from "../../lib/hub/memory_budget.ts";

const IN_ALL = "3 connections in all are allowed";
const FROM_ONE = "2 connections from one address are allowed";

Deno.test("ConnectionCaps counts in all and from each address, and out again", () => {
  const caps = new ConnectionCaps(3, 2);
  const enter = (host: string): string | undefined => caps.enter(host);
  assertEquals(["a", "a", "a"].map(enter), [undefined, undefined, FROM_ONE]);
  assertEquals(["b", "c"].map(enter), [undefined, IN_ALL]);
  caps.leave("a");
  assertEquals(["a", "b"].map(enter), [undefined, IN_ALL]);
  for (const host of ["a", "a", "b"]) caps.leave(host);
  assertEquals(["b", "b", "b", "a"].map(enter), [
    undefined,
    undefined,
    FROM_ONE,
    undefined,
  ]);
});

Deno.test("ConnectionCaps counts a connection's memory, and says when there is none left", () => {
  const memory = new MemoryBudget(1024 * 1024);
  const caps = new ConnectionCaps(10, 10, memory, 400 * 1024);
  assertEquals(["a", "b"].map((host) => caps.enter(host)), [
    undefined,
    undefined,
  ]);
  assertEquals(
    caps.enter("c"),
    "0.8 MiB in use beside old backlog (memory of 1 MiB allowed)",
  );
  assertEquals(memory.held.session, 800 * 1024);
  caps.leave("a");
  assertEquals(caps.enter("c"), undefined);
});
