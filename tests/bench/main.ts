// deno-lint-ignore-file no-console
/**
 * What fan-out costs: the server's processor time for each delivered GB, the age of chunks when they
 * arrive, and memory, for fstream over TCP, HTTP and WebSocket, beside the floor (a bare C epoll loop), the
 * runtime's own (a bare loop of writes) and what is installed of Icecast, nginx-rtmp, ncat and Node-Media-Server, all in one run, so that the figures
 * are ratios. A load generator in C proves at each watcher that nothing was lost, torn or reordered.
 *
 *   deno task bench [--quick] [--storm] [--load NAME] [--channels 1] [--watchers 100,1000] [--rate 4000000] [--chunk 16384]
 *                   [--seconds 10] [--runs 5] [--linger 0] [--only "fstream TCP,C floor"] [--svg dist/bench.svg]
 *
 * `--load` takes the figures of a load in `loads.ts`: radio, radio-5000, mpegts, video, few, large, crowd, mixed, tls.
 *
 * `--storm` compares fstream alone, with and without 1,000 connects a second in addition to its watchers. What the
 * storm costs and is sent is in the processor time; the GB are those of the live watchers alone.
 */
import { parseArgs } from "@std/cli/parse-args";
import { chart } from "./chart.ts";
import {
  compile,
  type Demand,
  type Load,
  runLoad,
  TLS_FLAGS,
} from "./load_run.ts";
import { LOADS } from "./loads.ts";
import {
  denoLoopPeers,
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
import { fstreamTlsPeers, nginxTlsPeers } from "./tls_peers.ts";

/** The results of one server with one number of watchers. */
interface Measured {
  readonly peer: Peer;
  readonly runs: Load[];
  readonly failures: string[];
}

/** Who can be measured, and how it is started. */
type Starters = readonly (readonly [
  string,
  (folder: string) => Promise<Peer[]>,
])[];

/** Those without TLS. */
const PLAIN: Starters = [
  ["C floor", floorPeers],
  ["Deno loop", denoLoopPeers],
  ["fstream", startFstream],
  ["Icecast", icecastPeers],
  ["nginx-rtmp", nginxPeers],
  ["ncat --broker", ncatPeers],
  ["Node-Media-Server", nodeMediaServerPeers],
];

/** Those with TLS. */
const SECURE: Starters = [
  ["fstream", (folder) => fstreamTlsPeers(folder, lingerFlags())],
  ["nginx TLS", nginxTlsPeers],
];

/** Failed runs after which a server is not measured again with that many watchers. */
const MOST_FAILURES = 2;

/** Connections a second of the storm. */
const STORM = 1000;

const args = parseArgs(Deno.args, {
  boolean: ["quick", "storm"],
  string: [
    ...["load", "channels", "linger"],
    "watchers",
    "rate",
    "chunk",
    "seconds",
    "runs",
    "only",
    "svg",
  ],
});
const NAMED = args.load === undefined ? undefined : LOADS[String(args.load)];
if (args.load !== undefined && !NAMED) {
  throw new Error(`--load is one of ${Object.keys(LOADS).join(", ")}`);
}
const RUNS = Number(args.runs ?? (args.quick ? 1 : 5));
const SECONDS = Number(
  args.seconds ?? (args.quick ? 3 : NAMED?.seconds ?? 10),
);
const RATE = Number(args.rate ?? NAMED?.rate ?? 4_000_000);
const CHUNK = Number(args.chunk ?? NAMED?.chunk ?? 16_384);
const CHANNELS = Number(args.channels ?? NAMED?.channels ?? 1);
const WATCHERS = String(
  args.watchers ?? NAMED?.watchers ?? (args.quick ? "200" : "100,1000"),
).split(",").map(Number);
const ONLY = args.only === undefined
  ? NAMED?.only ?? []
  : String(args.only).split(",");

const folder = await Deno.makeTempDir({ prefix: "fstream-bench-" });
/** What was lost, told below the table. */
const lost: string[] = [];
/** Of one core, the most that the load generator took in a run, and in which. */
let busiest = { share: 0, name: "" };
try {
  await Promise.all([
    compile(folder, "load", NAMED?.tls ? TLS_FLAGS : []),
    compile(folder, "floor"),
  ]);
  await main();
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function main(): Promise<void> {
  console.log(
    `${RATE} bit/s in chunks of ${CHUNK} bytes, ${CHANNELS} channel(s), ` +
      `${SECONDS} s, median of ${RUNS} run(s)\n`,
  );
  const rows: Row[] = [];
  for (const [index, watchers] of WATCHERS.entries()) {
    const peers = await start(args.storm ? ["fstream TCP"] : ONLY, index === 0);
    try {
      if (index === 0) console.log(tableHead());
      rows.push(...await (args.storm ? storm : compare)(peers, watchers));
    } finally {
      const processes = peers.flatMap(({ process, behind }) =>
        behind ? [process, behind] : [process]
      );
      await Promise.all(new Set(processes).values().map(end));
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
  return fstreamPeers(folder, lingerFlags());
}

function lingerFlags(): string[] {
  return args.linger === undefined ? [] : ["--linger", String(args.linger)];
}

/** Starts all that are installed, once for each number of watchers, so that no memory is left of a run before. */
async function start(
  only: readonly string[],
  telling: boolean,
): Promise<Peer[]> {
  const starters = NAMED?.tls ? SECURE : PLAIN;
  const wanted = starters.filter(([name]) =>
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
  const peers = started.flatMap(({ peers }) => peers);
  if (NAMED?.oneCore) await pin(peers);
  return peers;
}

/** Leaves a server the first core alone, with all its threads. */
async function pin(peers: readonly Peer[]): Promise<void> {
  for (const { process: { pid } } of peers) {
    const args = ["-a", "-p", "-c", "0", String(pid)];
    const { success } = await new Deno.Command("taskset", { args }).output();
    if (!success) throw new Error("Cannot pin a server: is taskset installed?");
  }
}

/** What every run asks for. */
function demandFor(watchers: number): Demand {
  const shared = { rate: RATE, chunk: CHUNK, seconds: SECONDS };
  const leavesCore = NAMED?.oneCore ?? false;
  return { watchers, channels: CHANNELS, leavesCore, ...shared };
}

/** One row a server; the runs take turns, so that what else the machine does hits all alike. */
async function compare(
  peers: readonly Peer[],
  watchers: number,
): Promise<Row[]> {
  const all = peers.filter(({ name }) =>
    ONLY.length === 0 || ONLY.includes(name)
  )
    .filter(({ isSingle }) => CHANNELS === 1 || !isSingle)
    .map((peer): Measured => ({ peer, runs: [], failures: [] }));
  const demand = demandFor(watchers);
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
  const demand = demandFor(watchers);
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
