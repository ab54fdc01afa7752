// deno-lint-ignore-file no-console
/**
 * What fan-out costs: the server's processor time for each delivered GB, the age of chunks when they
 * arrive, and memory, for fstream over TCP and HTTP, beside the floor (a bare C epoll loop) and Icecast
 * where it is installed, all in one run, so that the figures are ratios. A load generator in C proves
 * at each watcher that nothing was lost, torn or reordered.
 *
 *   deno task bench [--quick] [--watchers 100,1000] [--rate 4000000] [--chunk 16384]
 *                   [--seconds 10] [--runs 5] [--svg dist/bench.svg]
 */
import { parseArgs } from "@std/cli/parse-args";
import { chart } from "./chart.ts";
import {
  end,
  freePort,
  fstream,
  icecast,
  listening,
  type Peer,
  spawn,
} from "./peers.ts";

/** What the load generator says of one run. */
interface Load {
  readonly watchers: number;
  readonly bytes: number;
  readonly gaps: number;
  readonly torn: number;
  readonly cut: number;
  readonly behind: number;
  readonly "p50_ms": number;
  readonly "p99_ms": number;
  readonly "load_cpu_s": number;
  readonly "server_cpu_s": number;
}

/** The median of several runs. */
export interface Row {
  readonly name: string;
  readonly watchers: number;
  /** Processor seconds of the server for each GB that was delivered. */
  readonly cpuPerGb: number;
  readonly p50: number;
  readonly p99: number;
  /** Chunks lost or torn, watchers cut or left behind, over all runs. */
  readonly lost: number;
  /** Resident memory of the server in MB, after the last run. */
  readonly rss: number;
  /** Processor seconds of the load generator for each GB. */
  readonly loadPerGb: number;
}

const args = parseArgs(Deno.args, {
  boolean: ["quick"],
  string: ["watchers", "rate", "chunk", "seconds", "runs", "svg"],
});
const RUNS = Number(args.runs ?? (args.quick ? 1 : 5));
const SECONDS = String(args.seconds ?? (args.quick ? 4 : 10));
const RATE = String(args.rate ?? 4_000_000);
const CHUNK = String(args.chunk ?? 16_384);
const WATCHERS = String(args.watchers ?? (args.quick ? "200" : "100,1000"))
  .split(",");
/** Watchers that connect in a second. */
const CONNECTS = "500";

const folder = await Deno.makeTempDir({ prefix: "fstream-bench-" });
const peers: Peer[] = [];
try {
  await main();
} finally {
  await Promise.all(
    new Set(peers.map(({ process }) => process)).values().map(end),
  );
  await Deno.remove(folder, { recursive: true });
}

async function main(): Promise<void> {
  await Promise.all([compile("load"), compile("floor")]);
  await start();
  console.log(
    `${RATE} bit/s in chunks of ${CHUNK} bytes, ${SECONDS} s, median of ${RUNS} runs\n`,
  );
  console.log(
    "| server | watchers | CPU s/GB | × floor | p50 ms | p99 ms | lost | RSS MB | load CPU s/GB |",
  );
  console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  const rows: Row[] = [];
  for (const watchers of WATCHERS) {
    const measured = await measureAll(watchers);
    const floor = measured.find(({ name }) => name === "C floor")!;
    for (const row of measured) console.log(line(row, floor));
    rows.push(...measured);
  }
  if (args.svg) await Deno.writeTextFile(String(args.svg), chart(rows));
}

/** Compiles one of the C programs that lie beside this file. */
async function compile(name: string): Promise<void> {
  const source = new URL(`${name}.c`, import.meta.url).pathname;
  const { success } = await new Deno.Command("gcc", {
    args: ["-O2", "-o", `${folder}/${name}`, source],
  }).output();
  if (!success) throw new Error(`Cannot compile ${name}.c: is gcc installed?`);
}

async function start(): Promise<void> {
  const ours = await fstream(folder);
  const shared = { process: ours.process, tcpPort: ours.port };
  peers.push({
    name: "fstream TCP",
    protocol: "fstream",
    port: ours.port,
    ...shared,
  });
  peers.push({
    name: "fstream HTTP",
    protocol: "http",
    port: ours.httpPort,
    ...shared,
  });
  const port = freePort();
  const floor = spawn(`${folder}/floor`, [String(port)]);
  await listening(port);
  peers.push({
    name: "C floor",
    protocol: "raw",
    process: floor,
    port,
    tcpPort: port,
  });
  const other = await icecast(folder);
  if (!other) return console.log("Icecast is not installed: it is left out.\n");
  peers.push({
    name: "Icecast",
    protocol: "icecast",
    tcpPort: other.port,
    ...other,
  });
}

/** The runs take turns, so that what else the machine does hits all alike. */
async function measureAll(watchers: string): Promise<Row[]> {
  const loads = new Map<Peer, Load[]>(peers.map((peer) => [peer, []]));
  for (let run = 0; run < RUNS; run++) {
    for (const [peer, runs] of loads) runs.push(await load(peer, watchers));
  }
  return [...loads].map(([peer, runs]) => summary(peer, runs));
}

async function load(peer: Peer, watchers: string): Promise<Load> {
  const { stdout, stderr, success } = await new Deno.Command(`${folder}/load`, {
    args: [
      "127.0.0.1",
      `${peer.port}`,
      peer.protocol,
      watchers,
      RATE,
      CHUNK,
      SECONDS,
      CONNECTS,
    ],
    env: { LOAD_PID: `${peer.process.pid}`, LOAD_TCP_PORT: `${peer.tcpPort}` },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${peer.name}: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout)) as Load;
}

function summary({ name, process }: Peer, runs: readonly Load[]): Row {
  const middle = (of: (load: Load) => number): number => {
    const sorted = runs.map(of).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
  };
  return {
    name,
    watchers: runs[0]!.watchers,
    cpuPerGb: middle((run) => run.server_cpu_s / (run.bytes / 1e9)),
    p50: middle((run) => run.p50_ms),
    p99: middle((run) => run.p99_ms),
    lost: runs.reduce(
      (sum, run) => sum + run.gaps + run.torn + run.cut + run.behind,
      0,
    ),
    rss: residentMb(process.pid),
    loadPerGb: middle((run) => run.load_cpu_s / (run.bytes / 1e9)),
  };
}

function residentMb(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function line(row: Row, floor: Row): string {
  const times = (row.cpuPerGb / floor.cpuPerGb).toFixed(2);
  return `| ${row.name} | ${row.watchers} | ${
    row.cpuPerGb.toFixed(3)
  } | ${times} | ` +
    `${row.p50.toFixed(1)} | ${row.p99.toFixed(1)} | ${row.lost} | ${
      row.rss.toFixed(0)
    } | ` +
    `${row.loadPerGb.toFixed(3)} |`;
}
