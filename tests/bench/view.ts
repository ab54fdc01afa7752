// deno-lint-ignore-file no-console
/**
 * What it costs to look: a channel with many watchers, ten of which never read, with and without somebody who asks
 * for the channel and its watchers every second, as `fstream top` does. The runs take turns.
 *
 *   deno run -A tests/bench/view.ts [--watchers 2000] [--slow 10] [--rate 1000000] [--seconds 40] [--runs 3]
 */
import { parseArgs } from "@std/cli/parse-args";
import type { ChannelDetailJson } from "../../lib/web/managed_json.ts";
import { compile, type Load } from "./load_run.ts";
import { end, fstream } from "./peers.ts";

/** Part of a core that looking may take. */
const MOST_CORE = 0.01;

/** Seconds behind live from which a watcher is slow; the others are behind by a write. */
const SLOW_S = 2;

const args = parseArgs(Deno.args, {
  string: ["watchers", "slow", "rate", "seconds", "runs"],
});
const WATCHERS = Number(args.watchers ?? 2000);
const SLOW = Number(args.slow ?? 10);
/** As much as fills what the system buffers for a connection that never reads, some 4 MB, in the time. */
const RATE = Number(args.rate ?? 1_000_000);
const SECONDS = Number(args.seconds ?? 40);
const RUNS = Number(args.runs ?? 3);

const CONNECTS = 500;

const folder = await Deno.makeTempDir({ prefix: "fstream-view-" });
const server = await fstream(folder);
const origin = `http://127.0.0.1:${server.port}`;
const headers = { authorization: `Basic ${btoa("fier:123")}` };
try {
  await compile(folder, "load");
  Deno.exitCode = await main();
} finally {
  await end(server.process);
  await Deno.remove(folder, { recursive: true });
}

/** The exit status: 0 when looking is cheap and names the slow ones. */
async function main(): Promise<number> {
  const without: Load[] = [];
  const beside: Load[] = [];
  let named = true;
  for (let run = 0; run < RUNS; run++) {
    without.push(await load());
    const looked = look();
    beside.push(await load());
    const most = await looked;
    console.log(`${most.slow} named as slow, first: ${most.areFirst}`);
    named &&= most.slow === SLOW && most.areFirst;
  }
  console.log(`${WATCHERS} watchers at ${RATE} bit/s, ${SLOW} of them slow\n`);
  console.log("| | core | p50 ms | p99 ms |\n| --- | --- | --- | --- |");
  console.log(row("nobody looks", without));
  console.log(row("looked at every second", beside));
  const cost = middle(beside, coreOf) - middle(without, coreOf);
  console.log(`\nlooking takes ${(cost * 100).toFixed(2)} % of a core`);
  return named && cost <= MOST_CORE ? 0 : 1;
}

async function load(): Promise<Load> {
  const { stdout, stderr, success } = await new Deno.Command(`${folder}/load`, {
    args: ["127.0.0.1", `${server.port}`, "fstream", `${WATCHERS}`].concat(
      [RATE, 16384, SECONDS, CONNECTS].map(String),
    ),
    env: {
      LOAD_PID: `${server.process.pid}`,
      LOAD_SOURCE_PORT: `${server.port}`,
      LOAD_STALLED: `${SLOW}`,
    },
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`Cannot measure: ${text.decode(stderr)}`);
  return JSON.parse(text.decode(stdout)) as Load;
}

/** Asks every second while the channel is live; tells what was named when most were slow. */
async function look(): Promise<{ slow: number; areFirst: boolean }> {
  let most = { slow: 0, areFirst: false };
  for (let seen = false;;) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const list = await fetch(`${origin}/api/channels?scope=managed`, {
      headers,
    });
    const { channels } = await list.json();
    const live = channels.find((each: { state: string }) =>
      each.state === "live"
    );
    if (!live && seen) return most;
    if (!live) continue;
    seen = true;
    const detail = await (await fetch(
      `${origin}/api/channels/${live.user}/${live.channel}?limit=100`,
      { headers },
    )).json() as ChannelDetailJson;
    const isSlow = detail.audience.map(({ lag }) => (lag ?? 0) > SLOW_S);
    const slow = isSlow.filter((each) => each).length;
    const areFirst = isSlow.lastIndexOf(true) === slow - 1;
    if (slow >= most.slow) most = { slow, areFirst };
  }
}

function row(name: string, loads: readonly Load[]): string {
  const cells = [
    middle(loads, coreOf).toFixed(4),
    middle(loads, (each) => each.p50_ms).toFixed(2),
    middle(loads, (each) => each.p99_ms).toFixed(2),
  ];
  return `| ${name} | ${cells.join(" | ")} |`;
}

/** Part of a core that the server took. */
function coreOf(load: Load): number {
  return load.server_cpu_s / load.elapsed_s;
}

function middle(loads: readonly Load[], of: (load: Load) => number): number {
  const sorted = loads.map(of).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
