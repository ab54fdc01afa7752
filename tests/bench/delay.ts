// deno-lint-ignore-file no-console
/**
 * How far behind live each player shows a channel, by the address that it plays: the age of what is on its screen, by
 * a number in the picture or by the clock of the media.
 *
 *   deno run -A tests/bench/delay.ts
 */
import hlsScript from "hls.js/dist/hls.min.js" with { type: "text" };
import { startBrowser } from "../helpers/browser.ts";
import { hlsPage } from "../helpers/hls_page.ts";
import { pictureAge } from "../helpers/painted_counter.ts";
import { Site, type Source } from "../helpers/site.ts";
import { startTestServer } from "../helpers/start_server.ts";

/** Seconds from the broadcast's start to its watchers, and from then on to the first sample. */
const HEAD_START_S = 9;
const SETTLE_S = 12;

/** Samples, and milliseconds between them. */
const SAMPLES = 9;
const SAMPLE_MS = 500;

/** Seconds that ffmpeg adds to the clock of MPEG-TS. */
const CLOCK_START_S = 1.4;

/** Flags with which mpv says what it shows. */
const MPV = [
  ...["mpv", "--no-config", "--vo=null", "--ao=null", "--msg-level=all=no"],
  ...["--rebase-start-time=no", "--term-status-msg=${=time-pos}"],
  ...["--msg-level=statusline=status"],
];
const FFPLAY = ["ffplay", "-nodisp", "-hide_banner", "-stats", "-vn"];

const config = { allowOrigin: "*" };
const folder = await Deno.makeTempDir({ prefix: "fstream-delay-" });
await using site = new Site(await startTestServer({ config }), folder);
const url = `${site.origin}/fier/mpegts`;
const hls = url + "/index.m3u8";
await site.encode("mpegts");

console.log("| player | address | seconds behind live |\n| --- | --- | --- |");
await inBrowser("the watch page", "page, WebSocket", url);
await inBrowser("hls.js 1.7 in Chromium", "index.m3u8", hls);
await byClock("mpv", "channel", [...MPV, url]);
await byClock("mpv --profile=low-latency", "channel", [
  ...[...MPV, "--profile=low-latency", url],
]);
await byClock("mpv", "index.m3u8", [...MPV, hls]);
await byClock("ffplay", "channel", [...FFPLAY, url]);
await byClock("ffplay", "channel?burst=5", [...FFPLAY, `${url}?burst=5`]);
await byClock("ffplay", "index.m3u8", [...FFPLAY, hls]);

/** Broadcasts, lets a player settle, and prints the median of its samples. */
async function sample(
  player: string,
  address: string,
  age: (source: Source) => Promise<number>,
  start: () => Promise<unknown>,
): Promise<void> {
  const source = await site.broadcast("mpegts");
  await pause(HEAD_START_S * 1000);
  await start();
  await pause(SETTLE_S * 1000);
  const ages: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    ages.push(await age(source));
    await pause(SAMPLE_MS);
  }
  await source.end();
  const median = ages.sort((a, b) => a - b)[Math.floor(SAMPLES / 2)]!;
  console.log(`| ${player} | ${address} | ${median.toFixed(1)} |`);
}

async function inBrowser(
  player: string,
  address: string,
  target: string,
): Promise<void> {
  await using browser = await startBrowser();
  await using pages = hlsPage(hlsScript);
  const origin = `http://127.0.0.1:${pages.addr.port}`;
  const page = target === hls
    ? `${origin}/?${encodeURIComponent(hls)}`
    : target;
  let opened: Awaited<ReturnType<typeof browser.open>> | undefined;
  await sample(
    player,
    address,
    (source) => pictureAge(opened!, source.begun),
    async () => opened = await browser.open(page),
  );
}

/** Runs a player that prints its position on the media's clock, again and again. */
async function byClock(
  player: string,
  address: string,
  [program = "", ...args]: readonly string[],
): Promise<void> {
  let said = "";
  let child: Deno.ChildProcess | undefined;
  await sample(
    player,
    address,
    (source) => {
      const position = parseFloat(
        said.trim().split(/[\r\n]+/).at(-1)?.replace(/^.*\[K/, "") ?? "",
      );
      const sent = (Date.now() - source.begun) / 1000 + CLOCK_START_S;
      return Promise.resolve(sent - position);
    },
    () => {
      child = new Deno.Command(program, {
        args,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        env: { SDL_AUDIODRIVER: "dummy", SDL_VIDEODRIVER: "dummy" },
      }).spawn();
      for (const stream of [child.stdout, child.stderr]) {
        listen(stream, (text) => said = (said + text).slice(-1000));
      }
      return Promise.resolve();
    },
  );
  child?.kill("SIGKILL");
  await child?.status;
}

async function listen(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  hear: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    hear(text);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
