import { assertEquals } from "@std/assert";
import { ConnectionCaps } from "../lib/connection_caps.ts";

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
