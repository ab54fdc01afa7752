// deno-lint-ignore-file no-console
/**
 * What it costs to take broadcasts in that few watch: processor time of the server for each GB it receives, by the
 * ways in which ffmpeg sends FLV, compared with the floor (a bare C epoll loop), a bare loop of the runtime and nginx-rtmp, taking turns in one run.
 *
 *   deno run -A tests/bench/ingest.ts [--broadcasts 8] [--rate 8000000] [--seconds 8] [--runs 5]
 *                                     [--only "floor,fstream RTMP"]
 */
import { parseArgs } from "@std/cli/parse-args";
import { compile } from "./load_run.ts";
import {
  denoLoopPeers,
  end,
  floorPeers,
  fstream,
  nginxPeers,
} from "./peers.ts";
import { median } from "./rows.ts";

/** Clock ticks of `/proc/PID/stat` in a second. */
const TICKS_PER_SECOND = 100;

/** Seconds of the clip, which is sent again and again. */
const CLIP_S = 10;

/** Milliseconds in which all broadcasts have begun, and their server has come to rest. */
const START_MS = 3000;

/** One way to send a broadcast to a server. */
interface Way {
  readonly name: string;
  readonly process: Deno.ChildProcess;
  /** The shell's command line that sends broadcast `n`; `$SEND` is ffmpeg, up to its output. */
  readonly line: (n: number) => string;
  /** Processor seconds for each GB, of each run. */
  readonly costs: number[];
}

const args = parseArgs(Deno.args, {
  string: ["broadcasts", "rate", "seconds", "runs", "only"],
});
const BROADCASTS = Number(args.broadcasts ?? 8);
const RATE = Number(args.rate ?? 8_000_000);
const SECONDS = Number(args.seconds ?? 8);
const RUNS = Number(args.runs ?? 5);
const ONLY = args.only === undefined ? [] : String(args.only).split(",");

const folder = await Deno.makeTempDir({ prefix: "fstream-bench-" });
const clip = `${folder}/clip.flv`;
const ways: Way[] = [];
const servers = new Set<Deno.ChildProcess>();
try {
  await compile(folder, "floor");
  await makeClip();
  await start();
  await main();
} finally {
  await Promise.all(servers.values().map(end));
  await Deno.remove(folder, { recursive: true });
}

/** Encodes H.264 and AAC once. */
async function makeClip(): Promise<void> {
  const video = `${RATE - 128_000}`;
  const { success } = await new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-v", "error", "-f", "lavfi", "-i"],
      ...["testsrc2=size=1280x720:rate=25", "-f", "lavfi", "-i", "sine"],
      ...["-t", `${CLIP_S}`, "-vf", "noise=alls=40:allf=t"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"],
      ...["-g", "50", "-b:v", video, "-maxrate", video, "-bufsize", video],
      ...["-c:a", "aac", "-b:a", "128k", clip],
    ],
  }).output();
  if (!success) throw new Error("Cannot encode: is ffmpeg installed?");
}

/** Starts every server that is installed. */
async function start(): Promise<void> {
  const add = (
    name: string,
    process: Deno.ChildProcess,
    line: (n: number) => string,
  ): void => {
    servers.add(process);
    if (ONLY.length > 0 && !ONLY.includes(name)) return;
    ways.push({ name, process, line, costs: [] });
  };
  const [floor] = await floorPeers(folder);
  add("floor", floor!.process, (n) => overTcp(floor!.port, n));
  const [loop] = await denoLoopPeers();
  add("Deno loop", loop!.process, (n) => overTcp(loop!.port, n));
  const [nginx] = await nginxPeers(folder);
  if (nginx) {
    const url = `rtmp://127.0.0.1:${nginx.port}/live`;
    add("nginx-rtmp", nginx.process, (n) => `$SEND ${url}/${n}`);
  } else console.log("Left out: nginx-rtmp: not installed\n");
  const { process, port } = await fstream(folder);
  const rtmp = `rtmp://127.0.0.1:${port}/fier`;
  add("fstream RTMP", process, (n) => `$SEND '${rtmp}/${n}?password=123'`);
  const http = `http://fier:123@127.0.0.1:${port}/fier`;
  const put = "-auth_type basic -method PUT";
  add("fstream HTTP PUT", process, (n) => `$SEND ${put} ${http}/${n}`);
  add("fstream TCP", process, (n) => overTcp(port, n));
}

/** Sends a request of wire version 1, and the stream behind it. */
function overTcp(port: number, n: number): string {
  const request = `broadcast,user=fier,user-password=123,channel=${n}`;
  const length = `\\x00\\x00\\x00\\x${request.length.toString(16)}\\x00`;
  return `exec >/dev/tcp/127.0.0.1/${port}; printf '${length}${request}'; $SEND -`;
}

async function main(): Promise<void> {
  const { size } = await Deno.stat(clip);
  const bytes = size / CLIP_S * SECONDS * BROADCASTS;
  for (let run = 0; run < RUNS; run++) {
    for (const way of ways) way.costs.push(await measure(way) / (bytes / 1e9));
  }
  const mbits = (bytes * 8 / SECONDS / 1e6).toFixed(0);
  console.log(
    `${BROADCASTS} broadcasts of FLV, ${mbits} Mbit/s together, ${SECONDS} s, median of ${RUNS} run(s)\n\n` +
      "| server | CPU s/GB | × floor |\n| --- | --- | --- |",
  );
  const least = ways.find(({ name }) => name === "floor");
  for (const { name, costs } of ways) {
    const cost = median(costs, (each) => each);
    const times = least ? cost / median(least.costs, (each) => each) : NaN;
    console.log(`| ${name} | ${cost.toFixed(2)} | ${times.toFixed(1)} |`);
  }
}

/** Processor seconds that a server takes while the broadcasts are sent to it. */
async function measure({ process, line }: Way): Promise<number> {
  const sources = Array.from({ length: BROADCASTS }, (_, n) => send(line(n)));
  try {
    await pause(START_MS);
    const before = await cpuSeconds(process);
    await pause(SECONDS * 1000);
    return await cpuSeconds(process) - before;
  } finally {
    await Promise.all(sources.map(end));
  }
}

/** Sends the clip in real time. */
function send(line: string): Deno.ChildProcess {
  const ffmpeg =
    `exec ffmpeg -nostdin -v error -re -stream_loop -1 -i ${clip} -c copy -f flv`;
  return new Deno.Command("bash", {
    args: ["-c", line.replace("$SEND", ffmpeg)],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

async function cpuSeconds({ pid }: Deno.ChildProcess): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
