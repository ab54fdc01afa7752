import { assertEquals } from "@std/assert";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { MemoryBudget } from "../../lib/hub/memory/memory_budget.ts";

const IN_ALL = "3 connections in all are allowed";
const FROM_ONE = "2 connections from one network are allowed";

Deno.test("ConnectionLimits.acquire() counts in all and from each network, and release() out again", () => {
  const limits = new ConnectionLimits({ total: 3, perNetwork: 2 });
  const acquire = (host: string): string | undefined => limits.acquire(host);
  assertEquals(["a", "a", "a"].map(acquire), [undefined, undefined, FROM_ONE]);
  assertEquals(["b", "c"].map(acquire), [undefined, IN_ALL]);
  assertEquals([limits.total, limits.networks], [3, 2]);
  limits.release("a");
  assertEquals(["a", "b"].map(acquire), [undefined, IN_ALL]);
  for (const host of ["a", "a", "b"]) limits.release(host);
  assertEquals([limits.total, limits.networks], [0, 0]);
  assertEquals(["b", "b", "b", "a"].map(acquire), [
    undefined,
    undefined,
    FROM_ONE,
    undefined,
  ]);
});

Deno.test("ConnectionLimits counts IPv6 by /64, and IPv4 however it is written", () => {
  const limits = new ConnectionLimits({ total: 100, perNetwork: 2 });
  for (
    const [first, second, third, other] of [
      [
        ...["2001:db8::1", "2001:db8:0:0:ffff::9", "2001:DB8::abcd"],
        "2001:db8:0:1::1",
      ],
      [
        ...["198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407"],
        "::ffff:c633:6408",
      ],
    ] as const
  ) {
    assertEquals(limits.acquire(first!), undefined);
    assertEquals(limits.acquire(second!), undefined);
    assertEquals(limits.acquire(third!), FROM_ONE);
    assertEquals(limits.acquire(other!), undefined);
    limits.release(first!);
    assertEquals(limits.acquire(third!), undefined);
  }
});

Deno.test("ConnectionLimits counts a proxy's connection in all, and its clients by network", () => {
  const limits = new ConnectionLimits({ total: 3, perNetwork: 2 });
  assertEquals(limits.acquire(undefined), undefined);
  assertEquals(limits.acquireNetwork("a"), undefined);
  assertEquals(limits.acquireNetwork("a"), undefined);
  assertEquals(limits.acquireNetwork("a"), FROM_ONE);
  assertEquals(limits.acquireNetwork("b"), undefined);
  assertEquals(limits.total, 1);
  assertEquals(limits.acquire("a"), FROM_ONE);
  limits.releaseNetwork("a");
  assertEquals(limits.acquire("a"), undefined);
  assertEquals(limits.acquire(undefined), undefined);
  assertEquals(limits.acquire(undefined), IN_ALL);
  limits.release(undefined);
  limits.release("a");
  assertEquals(limits.total, 1);
});

Deno.test("ConnectionLimits counts a connection's memory, and says when there is none left", () => {
  const memory = new MemoryBudget(1024 * 1024);
  const limits = new ConnectionLimits({
    ...{ total: 10, perNetwork: 1, memory, bytesEach: 400 * 1024 },
  });
  assertEquals(["a", "a", "b"].map((host) => limits.acquire(host)), [
    undefined,
    "1 connections from one network are allowed",
    undefined,
  ]);
  assertEquals(
    limits.acquire("c"),
    "0.8 MiB in use besides old backlog (memory of 1 MiB allowed)",
  );
  assertEquals(memory.held.session, 800 * 1024);
  limits.release("a");
  assertEquals(memory.held.session, 400 * 1024);
  assertEquals(limits.acquire("c"), undefined);
});

Deno.test("ConnectionLimits charges an encrypted connection for its encryption too", () => {
  const memory = new MemoryBudget(1000);
  const limits = new ConnectionLimits({
    ...{ total: 10, perNetwork: 10, memory },
    ...{ bytesEach: 100, bytesOfTls: 400 },
  });
  assertEquals(limits.acquire("a", true), undefined);
  assertEquals(memory.usedBytes, 500);
  assertEquals(limits.acquire("a", true), memory.shortage);
  assertEquals(limits.acquire("a"), undefined);
  limits.release("a", true);
  assertEquals(memory.usedBytes, 100);
  limits.release("a");
  assertEquals(memory.usedBytes, 0);
});
