/**
 * Memory of a server while it sends to many watchers, by protocol. Reads /proc, hence Linux only.
 *
 *     deno run -A tests/bench/memory_busy.ts
 *
 * @module
 */
import { compile, type Demand, runLoad } from "./load_run.ts";
import { end, fstreamPeers, type Protocol } from "./peers.ts";
import { lostIn } from "./rows.ts";

/** What is sent. */
const DEMAND: Demand = {
  watchers: 1000,
  rate: 4_000_000,
  chunk: 16_384,
  seconds: 5,
};

/** How it is sent. */
const PROTOCOLS: readonly Protocol[] = [
  ...["fstream", "framed", "http", "websocket"] as const,
];

/** Milliseconds in which the server comes to rest after its start. */
const SETTLE_MS = 2000;

/** Bytes of memory that a process has in use, once it has come to rest. */
export async function residentBytes(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Runs the load by one protocol, with a server of its own, and prints a line. */
async function measure(folder: string, protocol: Protocol): Promise<void> {
  const peers = await fstreamPeers(folder);
  const peer = peers.find((peer) => peer.protocol === protocol)!;
  try {
    const before = await residentBytes(peer.process.pid);
    const load = await runLoad(folder, peer, DEMAND);
    const each = (load.server_rss_mb * 1e6 - before) / DEMAND.watchers / 1000;
    const line =
      `memory_busy ${peer.protocol}_watcher ${each.toFixed(1)} kB, ` +
      `${lostIn(load)} lost\n`;
    Deno.stdout.writeSync(new TextEncoder().encode(line));
  } finally {
    await end(peer.process);
  }
}

/** Runs the bench, and prints a line for each protocol. */
export async function memoryBusy(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "fstream-bench-" });
  try {
    await compile(folder, "load");
    for (const protocol of PROTOCOLS) await measure(folder, protocol);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await memoryBusy();
