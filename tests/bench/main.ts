// deno-lint-ignore-file no-console
/**
 * What fan-out costs: the server's processor time for each delivered GB, the age of chunks when they
 * arrive, and memory, for fstream over TCP, HTTP and WebSocket, beside the floor (a bare C epoll loop) and
 * what is installed of Icecast, nginx-rtmp, ncat and Node-Media-Server, all in one run, so that the figures
 * are ratios. A load generator in C proves at each watcher that nothing was lost, torn or reordered.
 *
 *   deno task bench [--quick] [--storm] [--watchers 100,1000] [--rate 4000000] [--chunk 16384]
 *                   [--seconds 10] [--runs 5] [--linger 0] [--only "fstream TCP,C floor"] [--svg dist/bench.svg]
 *
 * `--storm` compares fstream alone, with and without 1,000 connects a second in addition to its watchers. What the
 * storm costs and is sent is in the processor time; the GB are those of the live watchers alone.
 */
import { parseArgs } from "@std/cli/parse-args";
import { chart } from "./chart.ts";
import { compile, type Demand, type Load, runLoad } from "./load_run.ts";
import {
  end,
  floorPeers,
  fstreamPeers,
  icecastPeers,
  ncatPeers,
  nginxPeers,
  nodeMediaServerPeers,
  type Peer,
} from "./peers.ts";
import {
  type Failure,
  failureLine,
  FLOOR,
  losses,
  lostIn,
  type Row,
  summary,
  tableHead,
  tableLine,
} from "./rows.ts";

/** The results of one server with one number of watchers. */
interface Measured {
  readonly peer: Peer;
  readonly runs: Load[];
  readonly failures: string[];
}

/** Who can be measured, and how it is started. */
const STARTERS: readonly (readonly [
  string,
  (folder: string) => Promise<Peer[]>,
])[] = [
  ["C floor", floorPeers],
  ["fstream", startFstream],
  ["Icecast", icecastPeers],
  ["nginx-rtmp", nginxPeers],
  ["ncat --broker", ncatPeers],
  ["Node-Media-Server", nodeMediaServerPeers],
];

/** Failed runs after which a server is not measured again with that many watchers. */
const MOST_FAILURES = 2;

/** Connections a second of the storm. */
const STORM = 1000;

const args = parseArgs(Deno.args, {
  boolean: ["quick", "storm"],
  string: [
    "linger",
    "watchers",
    "rate",
    "chunk",
    "seconds",
    "runs",
    "only",
    "svg",
  ],
});
const RUNS = Number(args.runs ?? (args.quick ? 1 : 5));
const SECONDS = Number(args.seconds ?? (args.quick ? 3 : 10));
const RATE = Number(args.rate ?? 4_000_000);
const CHUNK = Number(args.chunk ?? 16_384);
const WATCHERS = String(args.watchers ?? (args.quick ? "200" : "100,1000"))
  .split(",").map(Number);
const ONLY = args.only === undefined ? [] : String(args.only).split(",");

const folder = await Deno.makeTempDir({ prefix: "fstream-bench-" });
/** What was lost, told below the table. */
const lost: string[] = [];
/** Of one core, the most that the load generator took in a run, and in which. */
let busiest = { share: 0, name: "" };
try {
  await Promise.all(["load", "floor"].map((name) => compile(folder, name)));
  await main();
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function main(): Promise<void> {
  console.log(
    `${RATE} bit/s in chunks of ${CHUNK} bytes, ${SECONDS} s, median of ${RUNS} run(s)\n`,
  );
  const rows: Row[] = [];
  for (const [index, watchers] of WATCHERS.entries()) {
    const peers = await start(args.storm ? ["fstream TCP"] : ONLY, index === 0);
    try {
      if (index === 0) console.log(tableHead());
      rows.push(...await (args.storm ? storm : compare)(peers, watchers));
    } finally {
      await Promise.all(
        new Set(peers.map(({ process }) => process)).values().map(end),
      );
    }
  }
  const share = (busiest.share * 100).toFixed(0);
  for (const line of lost) console.log(`\nLost: ${line}`);
  console.log(
    `\nThe load generator took ${share} % of one core at most (${busiest.name}).`,
  );
  if (args.svg) await Deno.writeTextFile(String(args.svg), chart(rows));
}

/** Starts fstream with the `--linger` that is asked for. */
function startFstream(folder: string): Promise<Peer[]> {
  const flags = args.linger === undefined ? [] : ["--linger", args.linger];
  return fstreamPeers(folder, flags.map(String));
}

/** Starts all that are installed, once for each number of watchers, so that no memory is left of a run before. */
async function start(
  only: readonly string[],
  telling: boolean,
): Promise<Peer[]> {
  const wanted = STARTERS.filter(([name]) =>
    only.length === 0 || only.some((one) => one.startsWith(name))
  );
  const started = await Promise.all(wanted.map(async ([name, starter]) => {
    try {
      const peers = await starter(folder);
      return {
        peers,
        reason: peers.length > 0 ? "" : `${name}: not installed`,
      };
    } catch (error) {
      return { peers: [], reason: `${name}: ${messageOf(error)}` };
    }
  }));
  for (const { reason } of started) {
    if (reason && telling) console.log(`Left out: ${reason}\n`);
  }
  return started.flatMap(({ peers }) => peers);
}

/** One row a server; the runs take turns, so that what else the machine does hits all alike. */
async function compare(
  peers: readonly Peer[],
  watchers: number,
): Promise<Row[]> {
  const all = peers.filter(({ name }) =>
    ONLY.length === 0 || ONLY.includes(name)
  )
    .map((peer): Measured => ({ peer, runs: [], failures: [] }));
  const demand = { watchers, rate: RATE, chunk: CHUNK, seconds: SECONDS };
  for (let run = 0; run < RUNS; run++) {
    for (const measured of all) await measure(measured, demand);
  }
  return report(all, watchers);
}

/** Runs the load once, unless that has failed too often or cannot work. */
async function measure(
  { peer, runs, failures }: Measured,
  demand: Demand,
): Promise<void> {
  if (failures.length >= MOST_FAILURES) return;
  if (demand.watchers > (peer.most ?? Infinity)) return;
  try {
    const load = await runLoad(folder, peer, demand);
    const share = load.load_cpu_s / load.elapsed_s;
    const name = `${peer.name}, ${demand.watchers} watchers`;
    if (share > busiest.share) busiest = { share, name };
    runs.push(load);
  } catch (error) {
    failures.push(messageOf(error));
  }
}

/** Prints the rows, those of servers that failed too, and returns those with figures. */
function report(all: readonly Measured[], watchers: number): Row[] {
  const rows = all.filter(({ runs }) => runs.length > 0)
    .map(({ peer, runs }) => summary(peer.name, runs));
  for (const { peer, runs } of all) {
    if (runs.some((run) => lostIn(run) > 0)) lost.push(losses(peer.name, runs));
  }
  const floor = rows.find(({ name }) => name === FLOOR);
  for (const row of rows) console.log(tableLine(row, floor));
  for (const measured of all) {
    const failure = failureOf(measured, watchers);
    if (failure) console.log(failureLine(failure));
  }
  return rows;
}

function failureOf(
  { peer: { name, most }, runs, failures }: Measured,
  watchers: number,
): Failure | undefined {
  if (watchers > (most ?? Infinity)) {
    return { name, watchers, reason: `left out: it takes ${most} at most` };
  }
  const [reason] = failures;
  if (reason === undefined) return undefined;
  const some = runs.length > 0 ? `${failures.length} run(s) ` : "";
  return { name, watchers, reason: `${some}failed: ${reason}` };
}

/** Two rows, fstream's live watchers without and beside a storm; the runs take turns. */
async function storm(peers: readonly Peer[], watchers: number): Promise<Row[]> {
  const peer = peers.find(({ protocol }) => protocol === "fstream")!;
  const demand = { watchers, rate: RATE, chunk: CHUNK, seconds: SECONDS };
  const calm: Measured = { peer, runs: [], failures: [] };
  const name = `${peer.name}, storm of ${STORM.toLocaleString("en")}/s`;
  const stormy: Measured = { peer: { ...peer, name }, runs: [], failures: [] };
  for (let run = 0; run < RUNS; run++) {
    await measure(calm, demand);
    await measure(stormy, { ...demand, storm: STORM });
  }
  const rows = report([calm, stormy], watchers);
  const came = stormy.runs.reduce((sum, run) => sum + run.storm, 0);
  const served = stormy.runs.reduce((sum, run) => sum + run.storm_served, 0);
  console.log(`\nThe storm: ${came} connects, ${served} got media.`);
  return rows;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
