// deno-lint-ignore-file no-console
/**
 * What watchers of HLS cost beside those of HTTP: processor time of the server for each delivered GB, and how
 * often a player would have run out of media. Each simulated player loads the playlist and every segment over a
 * connection of its own, as players do.
 *
 *   deno run -A tests/bench/hls.ts [--hls 1000] [--http 200] [--rate 500000] [--seconds 20]
 */
import { parseArgs } from "@std/cli/parse-args";
import { end, fstream } from "./peers.ts";
import { HlsPlayer } from "./hls_player.ts";

/** Clock ticks of `/proc/PID/stat` in a second. */
const TICKS_PER_SECOND = 100;

/** Seconds from the broadcast's start to its first watchers: the segments with which players begin. */
const HEAD_START_S = 8;

/** Milliseconds over which watchers come. */
const ARRIVAL_MS = 4000;

const args = parseArgs(Deno.args, {
  string: ["hls", "http", "rate", "seconds"],
});
const HLS = Number(args.hls ?? 1000);
const HTTP = Number(args.http ?? 200);
const RATE = String(args.rate ?? 500_000);
const SECONDS = Number(args.seconds ?? 20);

const folder = await Deno.makeTempDir({ prefix: "fstream-bench-hls-" });
const server = await fstream(folder);
const address = { hostname: "127.0.0.1", port: server.port };
const source = broadcast();
/** Encodes in real time. */
function broadcast(): Deno.ChildProcess {
  const picture = "testsrc2=size=320x180:rate=25";
  const url = `http://fier:123@127.0.0.1:${server.port}/fier/bench`;
  return new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", picture],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
      ...["-g", "50", "-b:v", RATE, "-minrate", RATE, "-maxrate", RATE],
      ...["-bufsize", RATE, "-x264-params", "nal-hrd=cbr", "-f", "mpegts"],
      ...["-muxrate", `${Number(RATE) * 1.15}`, "-auth_type", "basic"],
      ...["-method", "PUT", url],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

/** Watches by both ways, and prints what that cost. */
async function measure(hls: number, http: number): Promise<void> {
  const stop = new AbortController();
  const players = Array.from({ length: hls }, () => new HlsPlayer(address));
  const readers = Array.from({ length: http }, () => new Reader());
  const all = [...players, ...readers];
  const watching = all.map(async (each, index) => {
    await pause(ARRIVAL_MS * index / all.length);
    await each.watch("/fier/bench", stop.signal);
  });
  await pause(ARRIVAL_MS + 4000);
  const before = { cpu: await cpuSeconds(), bytes: bytesOf(all) };
  await pause(SECONDS * 1000);
  const cpu = await cpuSeconds() - before.cpu;
  const bytes = bytesOf(all) - before.bytes;
  const counted = await watchersCounted();
  stop.abort();
  await Promise.all(watching);
  const stalls = players.reduce((sum, each) => sum + each.stalls, 0);
  const missing = players.reduce((sum, each) => sum + each.missing, 0);
  const cells = [
    `${hls} HLS, ${http} HTTP`,
    (cpu / (bytes / 1e9)).toFixed(2),
    (cpu / SECONDS).toFixed(2),
    (bytes * 8 / 1e6 / SECONDS / all.length).toFixed(2),
    ...[stalls, missing, counted],
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function bytesOf(all: readonly { readonly bytes: number }[]): number {
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How many watch, as the server counts them. */
async function watchersCounted(): Promise<number> {
  const reply = await fetch(`http://127.0.0.1:${server.port}/api/channels`);
  const { channels } = await reply.json();
  return channels[0].watchers;
}

/** Processor time that the server has used. */
async function cpuSeconds(): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${server.process.pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** A watcher of the endless response. */
class Reader {
  bytes = 0;

  async watch(path: string, signal: AbortSignal): Promise<void> {
    using conn = await Deno.connect(address);
    const head = `GET ${path} HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n`;
    await conn.write(new TextEncoder().encode(head));
    const buffer = new Uint8Array(64 * 1024);
    while (!signal.aborted) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("a watcher was cut");
      this.bytes += count;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

try {
  await pause(HEAD_START_S * 1000);
  console.log(
    `${RATE} bit/s MPEG-TS, ${SECONDS} s\n\n` +
      "| watchers | CPU s/GB | cores | Mbit/s each | stalls | missing | channel.watchers |\n" +
      "| --- | --- | --- | --- | --- | --- | --- |",
  );
  await measure(0, HTTP);
  await measure(HLS, 0);
  await measure(HLS, HTTP);
} finally {
  source.kill();
  await source.status;
  await end(server.process);
  await Deno.remove(folder, { recursive: true });
}
