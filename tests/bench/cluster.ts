// deno-lint-ignore-file no-console
/**
 * What a second server costs: the same load on one server, and broadcast to one and watched at another, over NATS. Then
 * how long the first byte takes, and several servers behind one port.
 *
 *   deno run -A tests/bench/cluster.ts [--rate 4000000] [--chunk 8192] [--seconds 6] [--runs 3]
 *     [--only watchers|first|cores]
 *   deno run -A tests/bench/cluster.ts --goals
 *
 * `--goals` measures what is promised, in less than four minutes, and exits with 1 when a promise is not kept.
 */
import { parseArgs } from "@std/cli/parse-args";
import { freePort } from "../cluster/nats_process.ts";
import { compare, rowsOf, startCompared } from "./cluster_compare.ts";
import { firstBytes } from "./cluster_first_byte.ts";
import { goalsTable, measureGoals } from "./cluster_goals.ts";
import { ClusterSite } from "./cluster_site.ts";
import { lostIn, median } from "./rows.ts";
import type { Peer } from "./peers.ts";

const args = parseArgs(Deno.args, {
  string: ["rate", "chunk", "seconds", "runs", "only"],
  boolean: ["goals"],
});

/** The load, without the number of watchers. */
const DEMAND = {
  rate: Number(args.rate ?? 4_000_000),
  chunk: Number(args.chunk ?? 8192),
  seconds: Number(args.seconds ?? 6),
};

/** Runs of which the median counts. */
const RUNS = Number(args.runs ?? 3);

/** Runs what the command line asks for; returns the exit status. */
async function main(): Promise<number> {
  await using site = await ClusterSite.start();
  if (args.goals) {
    const goals = await measureGoals(site);
    console.log(goalsTable(goals));
    return goals.every(({ isMet }) => isMet) ? 0 : 1;
  }
  const parts = { watchers, first, cores };
  for (const [name, part] of Object.entries(parts)) {
    if (args.only === undefined || args.only === name) await part(site);
  }
  return 0;
}

/** One server and two, for more and more watchers. */
async function watchers(site: ClusterSite): Promise<void> {
  const servers = await startCompared(site);
  const { rate, chunk, seconds } = DEMAND;
  console.log(
    `${
      rate / 1e6
    } Mbit/s in ${chunk} bytes, over HTTP, medians of ${RUNS} runs of ${seconds} s\n\n` +
      "| watchers | servers | p50 ms | p99 ms | lost | CPU s/GB delivered | origin CPU % | NATS CPU % | NATS MB |\n" +
      "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
  );
  for (const watchers of [1, 100, 200, 1000]) {
    const demand = { ...DEMAND, watchers };
    console.log(rowsOf(await compare(site, servers, demand, RUNS)));
  }
  for (const peer of Object.values(servers)) await site.end(peer);
}

async function first(site: ClusterSite): Promise<void> {
  const { origin, warm, cold } = await firstBytes(site);
  console.log("\n| first byte | p50 ms | most ms |\n| --- | --- | --- |");
  const rows = [
    ["at the origin", origin],
    ["where the channel is fed", warm],
    ["where it is not, 4 MB", cold],
  ] as const;
  for (const [name, times] of rows) {
    const half = median(times, (ms) => ms);
    console.log(
      `| ${name} | ${half.toFixed(1)} | ${Math.max(...times).toFixed(1)} |`,
    );
  }
}

/** Servers of one machine behind one port: connections are spread over them. */
async function cores(site: ClusterSite): Promise<void> {
  console.log(
    "\n| servers at one port | p50 ms | p99 ms | lost | CPU % of each |\n| --- | --- | --- | --- | --- |",
  );
  for (const count of [1, 2]) {
    const port = freePort();
    const peers: Peer[] = [];
    for (let each = 0; each < count; each++) {
      peers.push(await site.node(["--reuse-port", "on"], port));
    }
    const peer = { ...peers[0]!, port, sourcePort: port };
    const pids = peers.map(({ process }) => process.pid);
    const demand = { ...DEMAND, watchers: 400 };
    const { load, cpu } = await site.run(peer, demand, pids);
    const percent = cpu.map((s) => (100 * s / load.elapsed_s).toFixed(0));
    console.log(
      `| ${count} | ${load.p50_ms.toFixed(1)} | ${load.p99_ms.toFixed(1)} | ${
        lostIn(load)
      } | ${percent.join(", ")} |`,
    );
    for (const each of peers) await site.end(each);
  }
}

if (import.meta.main) Deno.exit(await main());
