// deno-lint-ignore-file no-console
/**
 * Plays a channel in every player that is installed, side by side: how many pictures each shows, how often it stalls,
 * and how far behind live it is, by the numbers in the pictures.
 *
 *   FSTREAM_PLAY_SECONDS=60 deno run -A tests/bench/players.ts
 */
import { missingPrograms } from "../e2e/clients/missing_programs.ts";
import { countIn, HEIGHT, RATE, WIDTH } from "../helpers/painted_counter.ts";
import { playSeconds } from "../helpers/play_seconds.ts";
import { Site } from "../helpers/site.ts";

/** Seconds from the broadcast's start to its players: the segments with which they begin. */
const HEAD_START_S = 9;

const PLAY_S = playSeconds(20);

/** Seconds without a new picture that count as a stall, a second after the first one. */
const STALL_S = 1;

/** Newest pictures of which the delay is the median. */
const SAMPLES = 9;

/** The user `nobody`: VLC refuses to run as root. */
const NOBODY = 65_534;

/** A program that writes each picture to a file of its own when it shows it. */
interface Player {
  readonly name: string;
  readonly program: string;
  /** Where it runs as nobody. */
  readonly unprivileged?: boolean;
  readonly args: (url: string, folder: string) => string[];
}

/** What GStreamer does with each picture. */
const GST_SHOW = "tsdemux ! h264parse ! avdec_h264 ! videoconvert ! " +
  "video/x-raw,format=GRAY8 ! multifilesink sync=true location=";

const PLAYERS: readonly Player[] = [
  {
    name: "ffmpeg, in real time",
    program: "ffmpeg",
    args: (url, folder) => [
      ...["-nostdin", "-v", "error", "-re", "-i", url, "-an"],
      ...["-pix_fmt", "gray", "-f", "image2", "-c:v", "rawvideo"],
      ...["-fps_mode", "passthrough", `${folder}/%05d.gray`],
    ],
  },
  {
    name: "mpv",
    program: "mpv",
    args: (url, folder) => [
      ...["--no-config", "--really-quiet", "--ao=null", "--vo=image"],
      ...["--vo-image-format=jpg", `--vo-image-outdir=${folder}`, url],
    ],
  },
  {
    name: "VLC",
    program: "cvlc",
    unprivileged: true,
    args: (url, folder) => [
      ...["-q", "--no-lua", "--vout=vdummy", "--aout=adummy"],
      ...["--video-filter=scene", "--scene-format=png", "--scene-ratio=1"],
      ...[`--scene-path=${folder}`, url],
    ],
  },
  {
    name: "GStreamer",
    program: "gst-launch-1.0",
    args: (url, folder) => [
      ...["-q", "souphttpsrc", `location=${url}`, "!"],
      ...(url.endsWith(".m3u8") ? ["hlsdemux", "!"] : []),
      ...`${GST_SHOW}${folder}/%05d.gray`.split(" "),
    ],
  },
];

/** When a picture was shown, in milliseconds of `Date.now()`, and where it is. */
interface Shown {
  readonly at: number;
  readonly path: string;
}

async function shownIn(folder: string): Promise<Shown[]> {
  const shown = await Array.fromAsync(Deno.readDir(folder), async (file) => {
    const path = `${folder}/${file.name}`;
    return { path, at: (await Deno.stat(path)).mtime!.getTime() };
  });
  return shown.sort((a, b) => a.at - b.at);
}

/** Seconds between the sending of a picture and its showing. */
async function delayOf({ at, path }: Shown, begun: number): Promise<number> {
  const pixels = path.endsWith(".gray")
    ? await Deno.readFile(path)
    : await grayOf(path);
  return (at - begun) / 1000 - countIn(pixels) / RATE;
}

/** The luma of a picture file. */
async function grayOf(path: string): Promise<Uint8Array> {
  // VLC writes what its decoder has behind the picture, too.
  const crop = ["-vf", `crop=${WIDTH}:${HEIGHT}:0:0`, "-pix_fmt", "gray"];
  const { stdout } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", "-i", path, ...crop, "-f", "rawvideo", "-"],
  }).output();
  return stdout;
}

/** Plays, and prints a row. */
async function play(
  { name, program, unprivileged, args }: Player,
  url: string,
  begun: number,
): Promise<void> {
  const address = url.endsWith(".m3u8") ? "index.m3u8" : "channel";
  const missing = await missingPrograms([program]);
  if (missing) return console.log(`| ${name} | ${address} | not installed |`);
  const folder = await Deno.makeTempDir({ prefix: "fstream-players-" });
  await Deno.chmod(folder, 0o777);
  const line = [program, ...args(url, folder)];
  const nobody = ["setpriv", `--reuid=${NOBODY}`, "--clear-groups"];
  const isRoot = unprivileged && Deno.uid() === 0;
  const [first = "", ...rest] = isRoot ? [...nobody, ...line] : line;
  const child = new Deno.Command(first, {
    args: rest,
    ...{ stdin: "null", stdout: "null", stderr: "null" },
    env: isRoot ? { HOME: folder } : {},
  }).spawn();
  try {
    await pause(PLAY_S * 1000);
    child.kill("SIGKILL");
    await child.status;
    console.log(`| ${name} | ${address} | ${await figures(folder, begun)} |`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Pictures, stalls, seconds behind live. */
async function figures(folder: string, begun: number): Promise<string> {
  const shown = (await shownIn(folder)).filter(({ path }) =>
    /\.(?:gray|png|jpg)$/.test(path)
  );
  const [first] = shown;
  if (!first) return "shows nothing | | ";
  const stalls = shown.filter(({ at }, i) =>
    at - first.at > 1000 && at - shown[i - 1]!.at > STALL_S * 1000
  );
  // The newest file may not be whole.
  const newest = shown.slice(-SAMPLES - 1, -1);
  const delays = await Promise.all(newest.map((each) => delayOf(each, begun)));
  const median = delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)];
  return `${shown.length} | ${stalls.length} | ${median?.toFixed(1)}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await using site = await Site.start();
const source = await site.broadcast("mpegts");
await pause(HEAD_START_S * 1000);
console.log(
  `MPEG-TS at ${RATE} pictures a second, ${PLAY_S} s side by side\n\n` +
    "| player | address | pictures | stalls | seconds behind live |\n" +
    "| --- | --- | --- | --- | --- |",
);
const channel = `${site.origin}/fier/mpegts`;
await Promise.all(
  [`${channel}/index.m3u8`, channel].flatMap((url) =>
    PLAYERS.map((player) => play(player, url, source.begun))
  ),
);
await source.end();
