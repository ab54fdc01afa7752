import { assertEquals } from "@std/assert";
import type { Watcher } from "../../lib/hub/watcher.ts";
import { LAG_BUCKETS_S, LagHistogram } from "../../lib/web/lag_histogram.ts";

function audience(...lags: (number | undefined)[]): { audience: Set<Watcher> } {
  const watchers = lags.map((ms) => ({
    lag: ms === undefined ? undefined : { bytes: 1, ms },
  }));
  return { audience: new Set(watchers as Watcher[]) };
}

Deno.test("LagHistogram counts each watcher at and below its bucket", () => {
  const histogram = new LagHistogram();
  histogram.observe(audience(0, 100, 101, 700, 60_000, undefined));
  const counts = Object.fromEntries(histogram.cumulative());
  assertEquals(Object.keys(counts).length, LAG_BUCKETS_S.length + 1);
  assertEquals([counts[0.1], counts[0.25], counts[0.5]], [2, 3, 3]);
  assertEquals([counts[1], counts[30], counts.Infinity], [4, 4, 5]);
  assertEquals(histogram.count, 5);
  assertEquals(Math.round(histogram.sum * 1000), 60_901);
});

Deno.test("LagHistogram only grows, as rates need it", () => {
  const histogram = new LagHistogram();
  histogram.observe(audience(10_000));
  histogram.observe(audience(0, 0));
  assertEquals(histogram.count, 3);
  assertEquals(Object.fromEntries(histogram.cumulative())[10], 3);
  assertEquals(Object.fromEntries(histogram.cumulative())[5], 2);
});
