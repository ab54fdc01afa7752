// deno-lint-ignore-file no-console
/**
 * What a second server costs: the same load on one server, and broadcast to one and watched at another, over NATS. Then
 * what NATS carries for 1, 100 and 1,000 watchers, how long the first byte takes, and several servers behind one port.
 *
 *   deno run -A tests/bench/cluster.ts [--rate 4000000] [--chunk 8192] [--seconds 8] [--only watchers|first|cores]
 */
import { parseArgs } from "@std/cli/parse-args";
import { freePort, NatsProcess } from "../cluster/nats_process.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import { processorSeconds } from "../soak/sampler.ts";
import { compile, type Load, runLoad } from "./load_run.ts";
import { end, fstream, type Peer } from "./peers.ts";

const args = parseArgs(Deno.args, {
  string: ["rate", "chunk", "seconds", "only"],
});
const RATE = Number(args.rate ?? 4_000_000);
const CHUNK = Number(args.chunk ?? 8192);
const SECONDS = Number(args.seconds ?? 8);

/** Joins for the time to the first byte. */
const JOINS = 40;

const folder = await Deno.makeTempDir({ prefix: "fstream-cluster-" });
const nats = await NatsProcess.start();
const started: Peer[] = [];
try {
  await compile(folder, "load");
  if (args.only === undefined || args.only === "watchers") await watchers();
  if (args.only === undefined || args.only === "first") await firstBytes();
  if (args.only === undefined || args.only === "cores") await cores();
} finally {
  for (const { process } of started) await end(process);
  await nats[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
}

/** A server, watched over HTTP. */
async function server(flags: string[], at = freePort()): Promise<Peer> {
  const all = ["--linger", "0", ...flags];
  const { process, port } = await fstream(folder, all, at);
  const shared = { process, port, sourcePort: port };
  const peer: Peer = { name: "fstream", protocol: "http", ...shared };
  started.push(peer);
  return peer;
}

/** Runs a load, and measures what other processes take meanwhile. */
async function run(
  peer: Peer,
  count: number,
  others: readonly number[] = [],
): Promise<{ load: Load; cpu: number[] }> {
  const before = others.map(processorSeconds);
  const demand = { watchers: count, rate: RATE, chunk: CHUNK };
  const load = await runLoad(folder, peer, { ...demand, seconds: SECONDS });
  const cpu = others.map((pid, i) => processorSeconds(pid) - before[i]!);
  return { load, cpu };
}

/** One server beside two, for more and more watchers. */
async function watchers(): Promise<void> {
  const single = await server([]);
  const joined = ["--nats", nats.url];
  const origin = await server(joined);
  const edge = { ...await server(joined), sourcePort: origin.port };
  console.log(
    `${RATE / 1e6} Mbit/s in ${CHUNK} bytes, ${SECONDS} s, over HTTP\n\n` +
      "| watchers | servers | p50 ms | p99 ms | lost | CPU s/GB delivered | origin CPU % | NATS CPU % |\n" +
      "| --- | --- | --- | --- | --- | --- | --- | --- |",
  );
  for (const count of [1, 100, 200, 1000]) {
    const rows = [
      ["one", await run(single, count)],
      ["two", await run(edge, count, [origin.process.pid, nats.pid])],
    ] as const;
    for (const [name, { load, cpu }] of rows) {
      const { gaps, torn, cut, behind } = load;
      const percent = cpu.map((s) => (100 * s / load.elapsed_s).toFixed(1));
      const perGb = load.server_cpu_s / (load.bytes / 1e9);
      console.log(
        `| ${count} | ${name} | ${load.p50_ms.toFixed(1)} | ${
          load.p99_ms.toFixed(1)
        } | ${gaps + torn + cut + behind} | ${perGb.toFixed(2)} | ${
          percent.join(" | ") || "  |  "
        } |`,
      );
    }
  }
}

/** Milliseconds until a watcher has its first byte: where the broadcaster is, elsewhere, and where nobody watches yet. */
async function firstBytes(): Promise<void> {
  const flags = ["--nats", nats.url];
  const origin = await server(flags);
  const warm = await server(flags);
  const bytes = new Uint8Array(64 * 1024);
  const address = (peer: Peer): { host: string; port: number } => ({
    host: "127.0.0.1",
    port: peer.port,
  });
  using peer = await FramedPeer.connect(
    address(origin),
    `broadcast,user=fier,user_password=${PASSWORD},bufsize=1024`,
  );
  await peer.messageOf("ok");
  for (let sent = 0; sent < 4e6; sent += bytes.length) await peer.media(bytes);
  const first = async (at: Peer): Promise<number> => {
    const began = performance.now();
    using watcher = await FramedPeer.connect(address(at), "watch,user=fier");
    await watcher.take(1);
    return performance.now() - began;
  };
  await first(warm);
  console.log("\n| first byte | p50 ms | most ms |\n| --- | --- | --- |");
  const rows: [string, number[]][] = [["at the origin", []], [
    "at a warm edge",
    [],
  ]];
  for (let join = 0; join < JOINS; join++) {
    rows[0]![1].push(await first(origin));
    rows[1]![1].push(await first(warm));
  }
  const cold: number[] = [];
  for (let edge = 0; edge < 5; edge++) {
    const peer = await server(flags);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // A server that has served nobody yet compiles its code first.
    using other = await FramedPeer.connect(
      address(peer),
      "watch,user=fier,channel=none",
    );
    await other.next();
    cold.push(await first(peer));
  }
  for (
    const [name, times] of [...rows, ["at a cold edge, 4 MB", cold]] as [
      string,
      number[],
    ][]
  ) {
    times.sort((a, b) => a - b);
    const half = times[times.length >> 1]!;
    console.log(
      `| ${name} | ${half.toFixed(1)} | ${times.at(-1)!.toFixed(1)} |`,
    );
  }
}

/** Servers of one machine behind one port: connections are spread over them. */
async function cores(): Promise<void> {
  console.log(
    "\n| servers at one port | p50 ms | p99 ms | lost | CPU % of each |\n| --- | --- | --- | --- | --- |",
  );
  for (const count of [1, 2]) {
    const port = freePort();
    const flags = ["--nats", nats.url, "--reuse-port", "on"];
    const peers: Peer[] = [];
    for (let each = 0; each < count; each++) {
      peers.push(await server(flags, port));
    }
    const peer = { ...peers[0]!, port, sourcePort: port };
    const pids = peers.map(({ process }) => process.pid);
    const { load, cpu } = await run(peer, 400, pids);
    const { gaps, torn, cut, behind } = load;
    const percent = cpu.map((s) => (100 * s / load.elapsed_s).toFixed(0));
    console.log(
      `| ${count} | ${load.p50_ms.toFixed(1)} | ${load.p99_ms.toFixed(1)} | ${
        gaps + torn + cut + behind
      } | ${percent.join(", ")} |`,
    );
    for (const { process } of peers) {
      await end(process);
      started.splice(started.findIndex((each) => each.process === process), 1);
    }
  }
}
