// deno-lint-ignore-file no-console
/**
 * How fast trackers look at media: one line a container, in millions of bytes a second. Realistic
 * clips are made by ffmpeg and pushed again and again, each time as a new stream's bytes.
 *
 *   deno run -A tests/bench/trackers.ts [--megabytes 300] [--only MPEG-TS,FLV]
 */
import { parseArgs } from "@std/cli/parse-args";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import type { Tracker } from "../../lib/media/tracker.ts";
import type { LiveContainer } from "../helpers/live_media.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { encodeClip, EVERY_MEDIA, isSound } from "../helpers/media_clip.ts";

const args = parseArgs(Deno.args, { string: ["megabytes", "only"] });
/** Millions of bytes that each tracker is given. */
const MEGABYTES = Number(args.megabytes ?? 300);
/** Bytes that a socket gives at a time. */
const CHUNK_BYTES = 64 * 1024;
/** Runs of which the median counts. */
const RUNS = 3;

await main();

async function main(): Promise<void> {
  const only = args.only ? String(args.only).split(",") : undefined;
  console.log("| container | MB/s | joins/s | clip |");
  console.log("| --- | --- | --- | --- |");
  for (const container of EVERY_MEDIA) {
    if (only && !only.includes(container.name)) continue;
    const media = await clip(container);
    const runs = Array.from({ length: RUNS }, () => run(media));
    runs.sort((a, b) => a.rate - b.rate);
    const { rate, joins } = runs[RUNS >> 1]!;
    const size = `${(media.length / 1e6).toFixed(1)} MB`;
    const line = [container.name, rate.toFixed(0), joins.toFixed(0), size];
    console.log(`| ${line.join(" | ")} |`);
  }
}

/** 720p at 6 Mbit/s, or sound at 256 kbit/s. */
function clip(container: LiveContainer): Promise<Uint8Array<ArrayBuffer>> {
  if (isSound(container)) {
    return encodeClip(container, {
      seconds: 60,
      more: ["-ac", "2", "-b:a", "256k"],
    });
  }
  const seconds = container.name === "YUV4MPEG2" ? 1 : 8;
  const picture = { size: "1280x720", rate: 25, group: 50, kilobits: 6000 };
  return encodeClip(container, { ...picture, seconds });
}

/** Bytes and join points a second. */
function run(media: Uint8Array): { rate: number; joins: number } {
  const rounds = Math.ceil(MEGABYTES * 1e6 / media.length);
  let joins = 0;
  const began = performance.now();
  for (let i = 0; i < rounds; i++) {
    const tracker = counting(() => joins++);
    for (const piece of piecesOf(media, CHUNK_BYTES)) tracker.push(piece);
  }
  const seconds = (performance.now() - began) / 1000;
  return {
    rate: rounds * media.length / 1e6 / seconds,
    joins: joins / seconds,
  };
}

function counting(join: () => void): Tracker {
  return trackerFor({ bufsize: 0, format: undefined })({
    join,
    init: ignore,
    info: ignore,
    corruption: fail,
    giveUp: fail,
  });
}

function ignore(): void {}

function fail(what: string): void {
  throw new Error(`Cannot measure a corrupted stream: ${what}`);
}
