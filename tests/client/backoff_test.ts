import { assertEquals } from "@std/assert";
import { Backoff } from "../../lib/client/backoff.ts";

function pauses(random: number, count: number): number[] {
  const backoff = new Backoff({
    ...{ firstMs: 250, longestMs: 1500 },
    random: () => random,
  });
  return Array.from({ length: count }, () => backoff.next());
}

Deno.test("Backoff doubles its pauses up to the longest, and shortens each by up to a half", () => {
  assertEquals(pauses(0, 5), [250, 500, 1000, 1500, 1500]);
  assertEquals(pauses(0.5, 3), [187.5, 375, 750]);
  assertEquals(pauses(1, 5), [125, 250, 500, 750, 750]);
});

Deno.test("Backoff.reset() starts with the first pause", () => {
  const backoff = new Backoff({
    ...{ firstMs: 10, longestMs: 100 },
    random: () => 0,
  });
  assertEquals([backoff.next(), backoff.next()], [10, 20]);
  backoff.reset();
  assertEquals([backoff.next(), backoff.next()], [10, 20]);
});
