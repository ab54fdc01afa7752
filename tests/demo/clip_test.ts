import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { concat } from "@std/bytes";
import { CLIP_DURATION_MS, clipFile, parseClip } from "../../lib/demo/clip.ts";
import {
  type ClipClock,
  clipStream,
  MAX_LATE_MS,
} from "../../lib/demo/clip_stream.ts";
import { decode, needsFfmpeg } from "../helpers/ffmpeg.ts";

const FRAME_MS = 40;
const PACKET_MS = 20;
const CLUSTER_MS = 80;
const CLUSTERS = CLIP_DURATION_MS / CLUSTER_MS;

/** Two and a half loops and a bit, 26 s: 1300 packets, and 651 frames as the last cluster holds the next one's first. */
const SOME_CLUSTERS = 325;

/** A clock whose waits pass at once, each too long by `oversleep` milliseconds. */
class InstantClock implements ClipClock {
  time = 5_000_000;
  sleeps = 0;
  readonly #oversleep: number;

  constructor(oversleep = 0) {
    this.#oversleep = oversleep;
  }

  now(): number {
    return this.time;
  }

  sleep(ms: number, _signal: AbortSignal): Promise<void> {
    this.sleeps++;
    this.time += ms + this.#oversleep;
    return Promise.resolve();
  }
}

const PIPED = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Milliseconds of a sent cluster's 8-byte Timestamp, after checking that its size is exact. */
function timeOf(cluster: Uint8Array): number {
  const view = new DataView(cluster.buffer, cluster.byteOffset);
  assertEquals(view.getUint32(0), 0x1f43b675);
  assertEquals(view.getBigUint64(4), BigInt(cluster.length - 12) | 1n << 56n);
  assertEquals(view.getUint16(12), 0xe788);
  return Number(view.getBigUint64(14));
}

/** The blocks of a sent cluster (SimpleBlock: RFC 9559, section 10.2), whose sizes take 1 or 2 bytes. */
function* blocksOf(
  cluster: Uint8Array,
): Generator<{ track: number; time: number; key: boolean }> {
  const view = new DataView(cluster.buffer, cluster.byteOffset);
  const base = timeOf(cluster);
  for (let at = 22; at < cluster.length;) {
    assertEquals(view.getUint8(at), 0xa3);
    const short = view.getUint8(at + 1) >= 0x80;
    const size = short
      ? view.getUint8(at + 1) - 0x80
      : view.getUint16(at + 1) - 0x4000;
    const from = at + (short ? 2 : 3);
    yield {
      track: view.getUint8(from) - 0x80,
      time: base + view.getInt16(from + 1),
      key: (view.getUint8(from + 3) & 0x80) !== 0,
    };
    at = from + size;
  }
}

async function next(reader: Reader): Promise<Uint8Array> {
  const { value } = await reader.read();
  assert(value);
  return value;
}

/** A stream that only its reader ends, with the header that has been read. */
async function opened(clock?: ClipClock): Promise<[Reader, Uint8Array]> {
  const { signal } = new AbortController();
  const stream = clipStream(clock ? { signal, clock } : { signal });
  const reader = stream.getReader();
  return [reader, await next(reader)];
}

/** The header and the first clusters of a stream. */
async function take(clusters: number): Promise<Uint8Array[]> {
  const [reader, header] = await opened(new InstantClock());
  const chunks = [header];
  while (chunks.length <= clusters) chunks.push(await next(reader));
  await reader.cancel();
  return chunks;
}

/** Lets streams do what they are about to: a wait begins only after the last chunk has been handed over. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Multiples of `step` from 0, as many as `count`. */
function multiples(step: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => index * step);
}

/** What a program writes that is given `bytes`; it must write no error. */
async function run(
  program: string,
  args: string[],
  bytes: Uint8Array,
): Promise<Uint8Array> {
  await using child = new Deno.Command(program, {
    args: ["-v", "error", "-i", "pipe:0", ...args],
    ...PIPED,
  }).spawn();
  const writer = child.stdin.getWriter();
  const feeding = writer.write(bytes).then(() => writer.close());
  const [{ stdout, stderr }] = await Promise.all([child.output(), feeding]);
  assertEquals(new TextDecoder().decode(stderr), "");
  return stdout;
}

/** Presentation times in seconds of every frame of the video ("v") or the audio ("a"). */
async function timesOf(bytes: Uint8Array, kind: "v" | "a"): Promise<number[]> {
  const args = ["-select_streams", kind, "-show_entries", "frame=pts_time"];
  const rows = await run("ffprobe", [...args, "-of", "csv=p=0"], bytes);
  return new TextDecoder().decode(rows).trim().split("\n").map(parseFloat);
}

/** The sound as ffmpeg decodes it: 48,000 samples a second, 16 bit, one channel. */
async function samplesOf(bytes: Uint8Array): Promise<Int16Array> {
  const pcm = await run("ffmpeg", ["-map", "0:a", "-f", "s16le", "-"], bytes);
  return new Int16Array(pcm.slice().buffer);
}

/** The longest step between neighbours. */
function longestStep(values: readonly number[] | Int16Array): number {
  let longest = 0;
  for (let at = 1; at < values.length; at++) {
    longest = Math.max(longest, Math.abs(values[at]! - values[at - 1]!));
  }
  return longest;
}

Deno.test("clipFile() gives at most 400 KB", () => {
  assertLessOrEqual(clipFile().length, 400_000);
});

Deno.test("parseClip() finds clusters of 80 ms and a header that ends before the first", () => {
  const { header, clusters } = parseClip(clipFile());
  assertEquals(
    clusters.map(({ time }) => time),
    multiples(CLUSTER_MS, CLUSTERS),
  );
  const text = new TextDecoder("latin1").decode(header);
  assert(text.includes("V_VP8") && text.includes("A_OPUS"));
  assert(!text.includes("\x1f\x43\xb6\x75"));
});

Deno.test("parseClip() refuses a clip that is cut off or misses a part", () => {
  const file = clipFile();
  const refused: [Uint8Array, string][] = [
    [file.subarray(0, -1), "an element ends at"],
    [file.subarray(0, 36), "0x18538067 is missing"],
    [parseClip(file).header, "no Cluster in it"],
    [new Uint8Array(8), "no element here"],
  ];
  for (const [bytes, why] of refused) {
    assertThrows(() => parseClip(bytes), SyntaxError, why);
  }
});

Deno.test("clipStream() dates three loops without a gap, an overlap or a step back", async () => {
  const [, ...clusters] = await take(3 * CLUSTERS);
  assertEquals(clusters.map(timeOf), multiples(CLUSTER_MS, 3 * CLUSTERS));
  const blocks = clusters.flatMap((cluster) => [...blocksOf(cluster)]);
  const video = blocks.filter(({ track }) => track === 1);
  const audio = blocks.filter(({ track }) => track === 2);
  assertEquals(video.map(({ time }) => time), multiples(FRAME_MS, 750));
  assertEquals(audio.map(({ time }) => time), multiples(PACKET_MS, 1500));
  assertEquals(
    video.filter(({ key }) => key).map(({ time }) => time),
    multiples(2000, 15),
  );
});

Deno.test("clipStream() gives each cluster at its time, however late timers are", async () => {
  const clock = new InstantClock(7);
  const [reader] = await opened(clock);
  const start = clock.time;
  for (let cluster = 0; cluster < 2 * CLUSTERS; cluster++) {
    await reader.read();
    const late = clock.time - start - cluster * CLUSTER_MS;
    assert(late >= 0 && late <= 7, `${late} ms late`);
  }
  await reader.cancel();
});

Deno.test("clipStream() does not burst after the clock jumped, and skips nothing", async () => {
  const clock = new InstantClock();
  const [reader] = await opened(clock);
  await reader.read();
  clock.time += 3_600_000;
  const woken = clock.time;
  for (let cluster = 1; cluster < 50; cluster++) {
    assertEquals(timeOf(await next(reader)), cluster * CLUSTER_MS);
    assertEquals(clock.time - woken, (cluster - 1) * CLUSTER_MS);
  }
  await reader.cancel();
});

Deno.test("clipStream() gives a reader that paused what it missed, and nothing unread", async () => {
  const clock = new InstantClock();
  const [reader] = await opened(clock);
  await reader.read();
  const start = clock.time;
  await turn();
  assertEquals(clock.sleeps, 0);
  // Twelve clusters are due at 960 ms; the thirteenth has to be waited for.
  clock.time += MAX_LATE_MS / 2;
  for (let cluster = 1; cluster <= 12; cluster++) await reader.read();
  assertEquals(clock.time - start, 1000);
  assertEquals(timeOf(await next(reader)), 13 * CLUSTER_MS);
  assertEquals(clock.time - start, 13 * CLUSTER_MS);
  await reader.cancel();
});

Deno.test("clipStream() keeps the machine's time, and cancel ends a wait at once", async () => {
  const [reader] = await opened();
  const start = performance.now();
  for (let cluster = 0; cluster < 4; cluster++) await reader.read();
  // Timers may fire a little early, hence not 240.
  assert(performance.now() - start > 230);
  const pending = reader.read();
  await turn();
  await reader.cancel();
  // The sanitizers fail this test if the wait's timer is still there.
  assertEquals((await pending).done, true);
});

Deno.test("clipStream() closes when its signal aborts, amid a wait, idle and before", async () => {
  const control = new AbortController();
  const waiting = clipStream({ signal: control.signal }).getReader();
  const idle = clipStream({ signal: control.signal }).getReader();
  for (let chunk = 0; chunk < 2; chunk++) await waiting.read();
  const pending = waiting.read();
  await turn();
  control.abort();
  assertEquals((await pending).done, true);
  assertEquals((await idle.read()).done, true);
  const late = clipStream({ signal: control.signal }).getReader();
  assertEquals((await late.read()).done, true);
});

Deno.test(
  needsFfmpeg(
    "clipStream() decodes without an error over two and a half loops",
  ),
  async () => {
    const bytes = concat(await take(SOME_CLUSTERS));
    const decoded = await decode(bytes, "matroska");
    assertEquals(decoded, { frames: 651, keyFirst: true, errors: [] });
    const video = await timesOf(bytes, "v");
    const audio = await timesOf(bytes, "a");
    assertEquals([video.length, audio.length], [651, 1300]);
    assertEquals(video, video.toSorted((a, b) => a - b));
    assertEquals(audio, audio.toSorted((a, b) => a - b));
    // A tenth of a millisecond is for the rounding of decimal seconds.
    assertLessOrEqual(longestStep(video), 0.0401);
    assertLessOrEqual(longestStep(audio), 0.0201);
  },
);

Deno.test(
  needsFfmpeg(
    "clipStream() sounds the same in every loop, with no click where they meet",
  ),
  async () => {
    const bytes = concat(await take(SOME_CLUSTERS));
    const samples = await samplesOf(bytes);
    const loop = CLIP_DURATION_MS * 48;
    // 312 samples of look-ahead are cut off the start by CodecDelay.
    assertEquals(samples.length, 26 * 48_000 - 312);
    const second = samples.subarray(loop, loop * 2);
    const third = samples.subarray(loop * 2);
    assertEquals(third, second.subarray(0, third.length));
    const seam = samples.subarray(loop - 2000, loop + 2000);
    assertLessOrEqual(
      longestStep(seam),
      longestStep(second.subarray(2000, -2000)),
    );
  },
);
