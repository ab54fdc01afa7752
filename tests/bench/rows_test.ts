import { assertEquals, assertStringIncludes } from "@std/assert";
import { chart } from "./chart.ts";
import type { Load } from "./load_run.ts";
import { failureLine, losses, summary, tableHead, tableLine } from "./rows.ts";

function loadOf(figures: Partial<Load>): Load {
  return {
    ...{ watchers: 100, bytes: 2e9, unsent: 0, gaps: 0, torn: 0, cut: 0 },
    ...{
      behind: 0,
      p50_ms: 1,
      p99_ms: 4,
      p999_ms: 7,
      max_ms: 9,
      load_cpu_s: 0.5,
      elapsed_s: 1,
    },
    ...{ server_cpu_s: 2, server_rss_mb: 40, storm: 0, storm_served: 0 },
    ...figures,
  };
}

const FLOOR_ROW = summary("C floor", [loadOf({})]);

Deno.test("summary() takes medians, and the sum of what was lost", () => {
  const runs = [
    loadOf({ server_cpu_s: 9, p99_ms: 5, gaps: 1 }),
    loadOf({ server_cpu_s: 4, p99_ms: 8, cut: 2 }),
    loadOf({ server_cpu_s: 6, p99_ms: 7, unsent: 4 }),
  ];
  const row = summary("fstream TCP", runs);
  assertEquals([row.cpuPerGb, row.p50, row.p99, row.lost], [3, 1, 7, 7]);
  assertEquals(
    losses("fstream TCP", runs),
    "fstream TCP, 100 watchers: 4 unsent, 1 gaps, 0 torn, 2 cut, 0 behind",
  );
});

Deno.test("tableLine() gives multiples of the floor", () => {
  const row = summary("fstream TCP", [loadOf({ server_cpu_s: 3, p99_ms: 6 })]);
  assertEquals(
    tableLine(row, FLOOR_ROW),
    "| fstream TCP | 100 | 1.500 | 1.50 | 1.00 | 1.00 | 6.00 | 1.50 | 7.00 | 0 | 40 | 0.250 |",
  );
  assertStringIncludes(tableLine(row, undefined), "| 1.500 | – |");
});

Deno.test("failureLine() has as many cells as the table", () => {
  const reason = "failed: send: Broken pipe";
  const line = failureLine({ name: "Icecast", watchers: 1000, reason });
  assertStringIncludes(line, "| Icecast | 1000 | failed: send: Broken pipe |");
  const head = tableHead().split("\n")[0]!;
  assertEquals(line.split("|").length, head.split("|").length);
});

Deno.test("chart() shows each row, also with one number of watchers alone", () => {
  const row = { ...FLOOR_ROW, name: "A <server>" };
  const picture = chart([FLOOR_ROW, row]);
  assertEquals(picture.split("<rect x=").length - 1, 2, "a bar for each delay");
  assertEquals(picture.split("<polyline").length - 1, 4, "a line a panel");
  assertStringIncludes(picture, "A &lt;server>, 100");
  assertEquals(/NaN|Infinity|undefined/.test(picture), false);
});

Deno.test("chart() keeps within its frame what has no memory and no delay", () => {
  const row = { ...FLOOR_ROW, rss: 0, p50: 0, p99: 0, cpuPerGb: 0 };
  assertEquals(/NaN|Infinity|undefined/.test(chart([row])), false);
});
