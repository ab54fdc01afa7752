/** One server and two, under the same load, in turn. */
import type { ClusterDemand, ClusterRun, ClusterSite } from "./cluster_site.ts";
import type { Load } from "./load_run.ts";
import type { Peer } from "./peers.ts";
import { lostIn, median, summary } from "./rows.ts";

/** Seconds of a run that is not counted: the servers compile their code. */
const WARM_SECONDS = 2;

/** The servers that are compared, all of them started. */
export interface Compared {
  /** One that serves alone. */
  readonly single: Peer;
  /** The one that is broadcast to. */
  readonly origin: Peer;
  /** The one that its broadcast is watched at. */
  readonly edge: Peer;
}

/** Runs of one server, and of two, as many of each. */
export interface Comparison {
  readonly one: readonly ClusterRun[];
  readonly two: readonly ClusterRun[];
}

/** Starts the servers. */
export async function startCompared(site: ClusterSite): Promise<Compared> {
  const single = await site.server([]);
  const origin = await site.node();
  const edge = { ...await site.node(), sourcePort: origin.port };
  const demand = { watchers: 50, rate: 4e6, chunk: 8192 };
  for (const peer of [single, edge]) {
    await site.run(peer, { ...demand, seconds: WARM_SECONDS });
  }
  return { single, origin, edge };
}

/** Runs a load against one and two in turn, so that what else the machine does meets both. */
export async function compare(
  site: ClusterSite,
  { single, origin, edge }: Compared,
  demand: ClusterDemand,
  runs: number,
): Promise<Comparison> {
  const [one, two]: [ClusterRun[], ClusterRun[]] = [[], []];
  const others = [origin.process.pid, site.nats.pid];
  for (let run = 0; run < runs; run++) {
    const turns = [
      async () => void one.push(await site.run(single, demand)),
      async () => void two.push(await site.run(edge, demand, others)),
    ];
    if (run % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
  }
  return { one, two };
}

/** What the load generator says of each run. */
export function loadsOf(runs: readonly ClusterRun[]): Load[] {
  return runs.map(({ load }) => load);
}

/** Chunks and watchers that did not get what they should. */
export function lostOf({ one, two }: Comparison): number {
  return loadsOf([...one, ...two]).reduce((sum, load) => sum + lostIn(load), 0);
}

/** The comparison as two rows of the table in docs/cluster.md. */
export function rowsOf(comparison: Comparison): string {
  return (["one", "two"] as const).map((servers) => {
    const runs = comparison[servers];
    const { watchers, p50, p99, lost, cpuPerGb } = summary(
      servers,
      loadsOf(runs),
    );
    const percent = (of: number): string =>
      runs[0]!.cpu.length === 0 ? "" : median(
        runs,
        ({ load, cpu }) => 100 * cpu[of]! / load.elapsed_s,
      ).toFixed(1);
    const carried = median(runs, ({ media }) => media.out / 1e6);
    return `| ${watchers} | ${servers} | ${p50.toFixed(1)} | ${
      p99.toFixed(1)
    } | ${lost} | ${cpuPerGb.toFixed(2)} | ${percent(0)} | ${percent(1)} | ${
      servers === "one" ? "" : carried.toFixed(1)
    } |`;
  }).join("\n");
}
