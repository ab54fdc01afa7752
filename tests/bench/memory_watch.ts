/**
 * Memory of a server under watchers: what stays after many have come and gone, and what each idle one
 * takes. Reads /proc, hence Linux only.
 *
 *     deno run -A tests/bench/memory_watch.ts
 *
 * @module
 */
import { ServeProcess } from "../helpers/fstream_process.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Watchers that come and go, in rounds. */
const CYCLES = 2000;

/**
 * Rounds of {@linkcode CYCLES}. The runtime lets its heap grow over the first few before it collects;
 * what still grows in the last ones is a leak.
 */
const ROUNDS = 5;

/** Watchers of a round that are there at a time. */
const AT_ONCE = 20;

/** Watchers that stay and get nothing. */
const IDLE = 1000;

/** Milliseconds in which the server collects its garbage and closes what is left. */
const SETTLE_MS = 2000;

/** Bytes that each visitor takes before it leaves. */
const VISIT_BYTES = 1000;

const WATCH = requestBytes("watch,user=fier,start=oldest,reply=1");
const CHUNK = new Uint8Array(VISIT_BYTES);

/** Kilobytes of memory that a process has in use, once it has come to rest. */
async function restingKilobytes(pid: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

async function visit(serve: ServeProcess): Promise<void> {
  using peer = await RawPeer.connect(await serve.address(), WATCH);
  await peer.take(VISIT_BYTES);
}

/** Who closed its side may still read: that it does not is found out by sending. */
async function seenOff(
  serve: ServeProcess,
  broadcaster: RawPeer,
  count: number,
): Promise<void> {
  while (serve.log.named("watch-end").length < count) {
    await broadcaster.send(CHUNK);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function visits(
  serve: ServeProcess,
  broadcaster: RawPeer,
  before: number,
): Promise<void> {
  for (let done = AT_ONCE; done <= CYCLES; done += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => visit(serve)));
    await seenOff(serve, broadcaster, before + done);
  }
}

function print(name: string, value: number, unit: string): void {
  const line = `memory_watch ${name} ${value.toFixed(1)} ${unit}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}

/** Runs the bench, and prints a line for each figure. */
export async function memoryWatch(): Promise<void> {
  await using serve = await ServeProcess.start([
    "--connections-per-network",
    "2000",
    "--broadcaster-idle",
    "1h",
    "--backlog",
    "512K",
  ]);
  using broadcaster = await RawPeer.connect(
    await serve.address(),
    requestBytes(broadcastText("fier")),
    CHUNK,
  );
  await broadcaster.send(CHUNK);
  await serve.log.wait("broadcast-start");
  await idleWatchers(serve);
  await comersAndGoers(serve, broadcaster);
}

async function comersAndGoers(
  serve: ServeProcess,
  broadcaster: RawPeer,
): Promise<void> {
  await seenOff(serve, broadcaster, IDLE);
  for (let round = 1; round <= ROUNDS; round++) {
    await visits(serve, broadcaster, IDLE + (round - 1) * CYCLES);
    const name = `after_${round * CYCLES}_visits`;
    print(name, await restingKilobytes(serve.pid), "kB");
  }
}

async function idleWatchers(serve: ServeProcess): Promise<void> {
  const before = await restingKilobytes(serve.pid);
  print("start", before, "kB");
  const address = await serve.address();
  const peers: RawPeer[] = [];
  for (let i = 0; i < IDLE; i++) {
    const peer = await RawPeer.connect(address, WATCH);
    await peer.take(VISIT_BYTES);
    peers.push(peer);
  }
  const after = await restingKilobytes(serve.pid);
  print(`with_${IDLE}_idle_watchers`, after, "kB");
  print("idle_watcher", (after - before) / IDLE, "kB each");
  for (const peer of peers) peer.close();
}

if (import.meta.main) await memoryWatch();
