// deno-lint-ignore-file no-console
/**
 * Stalled beside healthy: what watchers that never read cost those that do. The same load with and without
 * them, taking turns; each healthy watcher proves that it lost nothing.
 *
 *   deno run -A tests/bench/stalled.ts [--watchers 200] [--stalled 20] [--rate 8000000] [--seconds 10]
 *                                      [--runs 5] [--protocol fstream|http]
 */
import { parseArgs } from "@std/cli/parse-args";
import { end, fstream } from "./peers.ts";

/** What the load generator says of one run. */
interface Load {
  readonly bytes: number;
  readonly gaps: number;
  readonly torn: number;
  readonly cut: number;
  readonly behind: number;
  readonly "p50_ms": number;
  readonly "p99_ms": number;
  readonly "max_ms": number;
}

/** Times the p99 without stalled watchers that it may be with them. */
const MOST_TIMES = 1.5;

/** Bytes of a chunk. */
const CHUNK = "16384";

/** Watchers that connect in a second. */
const CONNECTS = "500";

const args = parseArgs(Deno.args, {
  string: ["watchers", "stalled", "rate", "seconds", "runs", "protocol"],
});
const WATCHERS = String(args.watchers ?? 200);
const STALLED = String(args.stalled ?? 20);
const RATE = String(args.rate ?? 8_000_000);
const SECONDS = String(args.seconds ?? 10);
const RUNS = Number(args.runs ?? 5);
const PROTOCOL = String(args.protocol ?? "fstream");

const folder = await Deno.makeTempDir({ prefix: "fstream-stalled-" });
const server = await fstream(folder);
try {
  await compile();
  Deno.exitCode = await main();
} finally {
  await end(server.process);
  await Deno.remove(folder, { recursive: true });
}

/** The exit status: 0 when the promise is kept. */
async function main(): Promise<number> {
  console.log(
    `${WATCHERS} watchers at ${RATE} bit/s, ${SECONDS} s, median of ${RUNS} runs\n\n` +
      "| stalled | p50 ms | p99 ms | max ms | lost |\n| --- | --- | --- | --- | --- |",
  );
  const without: Load[] = [];
  const beside: Load[] = [];
  for (let run = 0; run < RUNS; run++) {
    without.push(await load("0"));
    beside.push(await load(STALLED));
  }
  console.log(line("0", without));
  console.log(line(STALLED, beside));
  const times = middle(beside, p99Of) / middle(without, p99Of);
  const lost = lostIn([...without, ...beside]);
  console.log(`\np99 × ${times.toFixed(2)}, ${lost} lost`);
  return times <= MOST_TIMES && lost === 0 ? 0 : 1;
}

async function compile(): Promise<void> {
  const source = new URL("load.c", import.meta.url).pathname;
  const { success } = await new Deno.Command("gcc", {
    args: ["-O2", "-o", `${folder}/load`, source],
  }).output();
  if (!success) throw new Error("Cannot compile load.c: is gcc installed?");
}

async function load(stalled: string): Promise<Load> {
  const { port } = server;
  const { stdout, stderr, success } = await new Deno.Command(`${folder}/load`, {
    args: [
      ...["127.0.0.1", `${port}`, PROTOCOL, WATCHERS],
      ...[RATE, CHUNK, SECONDS, CONNECTS],
    ],
    env: {
      LOAD_PID: `${server.process.pid}`,
      LOAD_SOURCE_PORT: `${port}`,
      LOAD_STALLED: stalled,
    },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout)) as Load;
}

function line(stalled: string, runs: readonly Load[]): string {
  const figures = [
    middle(runs, (run) => run.p50_ms),
    middle(runs, p99Of),
    middle(runs, (run) => run.max_ms),
  ];
  const cells = figures.map((figure) => figure.toFixed(2)).join(" | ");
  return `| ${stalled} | ${cells} | ${lostIn(runs)} |`;
}

function p99Of(run: Load): number {
  return run.p99_ms;
}

function middle(runs: readonly Load[], of: (run: Load) => number): number {
  const sorted = runs.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Chunks lost or torn, healthy watchers cut or left behind. */
function lostIn(runs: readonly Load[]): number {
  return runs.reduce(
    (sum, run) => sum + run.gaps + run.torn + run.cut + run.behind,
    0,
  );
}
