// deno-lint-ignore-file no-console
/**
 * A long time of everything at once against a real server: channels that end in every way, watchers
 * that come and go by every protocol and check each byte, others that read nothing, and hostile
 * peers. It fails when a watcher was sent a wrong byte, or when memory or open files rise.
 * What it says of memory counts from some ten minutes on: before, backlogs and the heap still fill.
 *
 *   deno task soak [--minutes 30] [--channels 10] [--rate 2000000] [--watchers 120] [--seed 1]
 *                  [--svg dist/soak.svg]
 */
import { dirname } from "node:path";
import { parseArgs } from "@std/cli/parse-args";
import { fstream, ServeProcess } from "../helpers/fstream_process.ts";
import { seededRandom } from "../helpers/rng.ts";
import { usersFolder } from "../helpers/start_server.ts";
import { annoyAgainAndAgain } from "./bad_peers.ts";
import { plot } from "./plot.ts";
import { processorSeconds, type Sample, sample, sampleOn } from "./sampler.ts";
import { emptyTally, type Scene } from "./scene.ts";
import { keepLive } from "./source.ts";
import { type Trend, trends } from "./verdict.ts";
import { stallAgainAndAgain, visitAgainAndAgain } from "./visitors.ts";

/** Watchers that read nothing, and hostile peers, at a time. */
const [STALLERS, BAD_PEERS] = [3, 4];

/** One of this number of watchers uses HTTP. */
const HTTP_EVERY = 4;

/** Milliseconds that the server has to let go of what the last peers held: its longest limit, and some. */
const SETTLE_MS = 20_000;

/** Open files besides those of the beginning that are no leak: a connection kept alive, a folder being read. */
const FILES_SLACK = 8;

/** Limits of the server: short, so that each of them is met many times. */
const LIMITS = [
  "--watcher-stall=5s",
  "--broadcaster-idle=8s",
  "--request-time=3s",
];

const args = parseArgs(Deno.args, {
  string: ["minutes", "channels", "rate", "watchers", "seed", "svg"],
});
const minutes = positive("minutes", 30);

/** Reads a number of the command line. */
function positive(name: string, otherwise: number): number {
  const value = Number(args[name] ?? otherwise);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(
    `Cannot use --${name} ${args[name]}: it must be above 0`,
  );
}

/** The server, with its log as JSON. */
async function startServer(): Promise<ServeProcess> {
  const users = await usersFolder(["fier"]);
  const listen = "--listen=127.0.0.1:0";
  const child = fstream(
    ["serve", listen, `--users=${users}`, "--log-format=json", ...LIMITS],
    { stdout: "null", stderr: "piped" },
  ).spawn();
  return new ServeProcess(child, users);
}

/** Lets all actors act until the time is over; gives what the server looked like meanwhile. */
async function act(scene: Scene, pid: number): Promise<Sample[]> {
  // Kept connections would look like files that stay open.
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const numbers = (count: number): number[] => [...Array(count).keys()];
  const actors = [
    ...numbers(scene.channels).map((channel) => keepLive(scene, channel)),
    ...numbers(positive("watchers", 120)).map((number) =>
      visitAgainAndAgain(scene, number % HTTP_EVERY ? undefined : client)
    ),
    ...numbers(STALLERS).map(() => stallAgainAndAgain(scene)),
    ...numbers(BAD_PEERS).map(() => annoyAgainAndAgain(scene)),
  ];
  const [samples] = await Promise.all([sampleOn(scene, pid), ...actors]);
  return samples;
}

/** Waits until the server holds nothing of those that have left; gives what it looks like then. */
async function settled(pid: number, origin: string): Promise<Sample> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const now = await sample(pid, origin, 0);
    const quiet = now.watchers === 0 && now.connections === 0;
    if (quiet || performance.now() > deadline) return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function report(
  all: readonly Trend[],
  before: Sample,
  after: Sample,
): string[] {
  const faults: string[] = [];
  for (const { name, second, last, most, rises } of all) {
    const figures = `second quarter ${second.toFixed(1)}, last ` +
      `${last.toFixed(1)}, most ${most.toFixed(1)}`;
    console.log(`${name}: ${figures}: ${rises ? "RISING" : "flat"}`);
    if (rises) faults.push(`${name} rises`);
  }
  console.log(
    `open files: ${before.files} before, ${after.files} when all had left; ` +
      `watchers then ${after.watchers}, connections ${after.connections}`,
  );
  if (after.files > before.files + FILES_SLACK) faults.push("files stay open");
  if (after.watchers + after.connections > 0) faults.push("peers stay counted");
  return faults;
}

async function main(): Promise<number> {
  await using server = await startServer();
  const address = await server.address();
  const origin = `http://127.0.0.1:${address.port}`;
  const over = new AbortController();
  const scene: Scene = {
    ...{ address, origin, tally: emptyTally(), over: over.signal },
    channels: positive("channels", 10),
    bitRate: positive("rate", 2_000_000),
    random: seededRandom(positive("seed", 1)),
  };
  const { pid } = server;
  const before = await sample(pid, origin, 0);
  const timer = setTimeout(() => over.abort(), minutes * 60_000);
  const samples = await act(scene, pid);
  clearTimeout(timer);
  const after = await settled(pid, origin);
  const { faults, ...counts } = scene.tally;
  const cpu = processorSeconds(pid) / (minutes * 60);
  console.log(`${minutes} min, server ${(100 * cpu).toFixed(1)} % of a core`);
  console.log(JSON.stringify(counts));
  const found = [...faults, ...report(trends(samples), before, after)];
  const svg = String(args.svg ?? "dist/soak.svg");
  await Deno.mkdir(dirname(svg), { recursive: true });
  await Deno.writeTextFile(svg, plot(samples, `fstream, ${minutes} minutes`));
  for (const each of found) console.log(`fault: ${each}`);
  console.log(found.length === 0 ? "verdict: flat" : "verdict: NOT GOOD");
  return found.length === 0 ? 0 : 1;
}

Deno.exit(await main());
