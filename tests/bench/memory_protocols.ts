/**
 * Memory of a server under idle watchers, by protocol. Reads /proc, hence Linux only.
 *
 *     deno run -A tests/bench/memory_protocols.ts
 *
 * @module
 */
import { ServeProcess } from "../helpers/fstream_process.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { WATCH_REQUESTS } from "../helpers/watch_requests.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Watchers that stay and are sent nothing more. */
const IDLE = 1000;

/** Milliseconds in which the server collects its garbage. */
const SETTLE_MS = 2000;

/** Bytes that each watcher takes before it rests: one picture's worth. */
const MEDIA_BYTES = 20_000;

/** Kilobytes of memory that a process has in use, once it has come to rest. */
async function restingKilobytes(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** Runs the bench for one protocol, with a server of its own, and prints a line. */
async function measure(
  protocol: keyof typeof WATCH_REQUESTS,
): Promise<void> {
  await using serve = await ServeProcess.start([
    ...["--connections-per-network", "2000"],
    ...["--broadcaster-idle", "1h", "--backlog", "512K"],
  ]);
  const address = await serve.address();
  using _broadcaster = await RawPeer.connect(
    address,
    requestBytes(broadcastText("fier", ",bufsize=1000")),
    new Uint8Array(MEDIA_BYTES),
  );
  await serve.log.wait("broadcast-start");
  const before = await restingKilobytes(serve.pid);
  const peers: RawPeer[] = [];
  for (let i = 0; i < IDLE; i++) {
    const peer = await RawPeer.connect(address, WATCH_REQUESTS[protocol]);
    await peer.take(MEDIA_BYTES);
    peers.push(peer);
  }
  const each = (await restingKilobytes(serve.pid) - before) / IDLE;
  const line = `memory_protocols ${protocol}_watcher ${each.toFixed(1)} kB\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
  for (const peer of peers) peer.close();
}

/** Runs the bench, and prints a line for each protocol. */
export async function memoryProtocols(): Promise<void> {
  for (const protocol of ["fstream", "http", "websocket"] as const) {
    await measure(protocol);
  }
}

if (import.meta.main) await memoryProtocols();
