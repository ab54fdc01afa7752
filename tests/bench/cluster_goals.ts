/** What a cluster promises, each with what was measured: `tests/bench/cluster.ts --goals`. */
import { compare, loadsOf, lostOf, startCompared } from "./cluster_compare.ts";
import { firstBytes } from "./cluster_first_byte.ts";
import type { ClusterSite } from "./cluster_site.ts";
import { residentBytes } from "./memory_busy.ts";
import { end, fstream } from "./peers.ts";
import { median } from "./rows.ts";

/** Runs of one server and of two, whose medians count. */
const RUNS = 7;

/** Watchers at one server. */
const WATCHERS = 200;

/** What each run sends: at 4 Mbit/s, 3.7 of the chunks of 6 seconds are the slowest hundredth. */
const DEMAND = { rate: 4_000_000, chunk: 8192, seconds: 6 };

/** Starts of the program with and without its part for clusters. */
const STARTS = 7;

/** One promise. */
export interface Goal {
  readonly what: string;
  readonly measured: string;
  readonly limit: string;
  readonly isMet: boolean;
}

/** Measures all of them, in three and a half minutes. */
export async function measureGoals(site: ClusterSite): Promise<Goal[]> {
  return [
    ...await comparedGoals(site),
    ...await firstByteGoals(site),
    await memoryGoal(site),
  ];
}

/** The goals as a table. */
export function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, measured, limit, isMet }) =>
    `| ${what} | ${measured} | ${limit} | ${isMet ? "met" : "MISSED"} |`
  );
  const head = "| goal | measured | limit | |\n| --- | --- | --- | --- |";
  return [head, ...rows].join("\n");
}

async function comparedGoals(site: ClusterSite): Promise<Goal[]> {
  const servers = await startCompared(site);
  const demand = { ...DEMAND, watchers: WATCHERS };
  const found = await compare(site, servers, demand, RUNS);
  const [one, two] = [loadsOf(found.one), loadsOf(found.two)];
  const p99 = [one, two].map((runs) => median(runs, (run) => run.p99_ms));
  const cpu = [one, two].map((runs) =>
    median(runs, (run) => run.server_cpu_s / run.bytes)
  );
  const added = p99[1]! - p99[0]!;
  const ratio = cpu[1]! / cpu[0]!;
  const lost = lostOf(found);
  const spread = [one, two].map((runs) => {
    const all = runs.map((run) => run.p99_ms).sort((a, b) => a - b);
    return `${all[0]!.toFixed(1)} to ${all.at(-1)!.toFixed(1)}`;
  });
  const goals = [
    {
      what: `99th percentile of the delay, one server and two, ms`,
      measured: `${p99[0]!.toFixed(1)} (${spread[0]}) and ${
        p99[1]!.toFixed(1)
      } (${spread[1]})`,
      ...{ limit: "5 ms more", isMet: added <= 5 },
    },
    {
      what: "CPU of the second server for each byte, × one server",
      ...{ measured: ratio.toFixed(2), limit: "1.15", isMet: ratio <= 1.15 },
    },
    {
      what: "chunks lost or torn, watchers cut or left behind",
      ...{ measured: String(lost), limit: "0", isMet: lost === 0 },
    },
  ];
  const alone = await site.run(servers.origin, { ...demand, seconds: 3 });
  const idle = alone.media.in + alone.media.out;
  const media: number[] = [];
  for (const watchers of [1, 100, 1000]) {
    const load = { ...DEMAND, watchers, seconds: 3 };
    const { load: { bytes }, media: { out } } = await site.run(
      servers.edge,
      load,
    );
    media.push(out / (bytes / watchers));
  }
  for (const peer of Object.values(servers)) await site.end(peer);
  return [...goals, {
    what: "media over NATS while no other server watches, bytes",
    ...{ measured: String(idle), limit: "0", isMet: idle === 0 },
  }, {
    what: "media over NATS for 1, 100 and 1,000 watchers, × the broadcast",
    measured: media.map((times) => times.toFixed(2)).join(", "),
    limit: "the same",
    isMet: Math.max(...media) / Math.min(...media) < 1.02,
  }];
}

async function firstByteGoals(site: ClusterSite): Promise<Goal[]> {
  const { origin, warm, cold } = await firstBytes(site);
  const half = (all: readonly number[]): number => median(all, (ms) => ms);
  return [
    {
      what: "first byte where the server has the channel, ms",
      measured: `${half(warm).toFixed(1)} (at the origin ${
        half(origin).toFixed(1)
      })`,
      ...{ limit: "3", isMet: half(warm) <= 3 },
    },
    {
      what: "first byte where it must ask for a backlog of 4 MB, ms",
      measured: half(cold).toFixed(1),
      ...{ limit: "50", isMet: half(cold) <= 50 },
    },
  ];
}

/** Resident memory of an idle server without `nats`, compared with a program that has no part for clusters. */
async function memoryGoal({ folder }: ClusterSite): Promise<Goal> {
  const programs = ["main.ts", "tests/bench/without_cluster.ts"];
  const found: number[][] = [[], []];
  for (let start = 0; start < STARTS; start++) {
    const turns = [0, 1];
    if (start % 2 === 1) turns.reverse();
    for (const turn of turns) {
      const { process } = await fstream(folder, [], undefined, programs[turn]);
      found[turn]!.push(await residentBytes(process.pid) / 1e6);
      await end(process);
    }
  }
  const [own, without] = found.map((all) => median(all, (mb) => mb));
  return {
    what:
      "memory of an idle server without nats, and of one without the part for it, MB",
    measured: `${own!.toFixed(1)} and ${without!.toFixed(1)}`,
    ...{ limit: "0.5 more", isMet: own! - without! <= 0.5 },
  };
}
