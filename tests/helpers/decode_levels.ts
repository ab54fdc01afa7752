import { toBytes } from "@std/streams";
import type { LiveContainer } from "./live_media.ts";
import { isSound } from "./media_clip.ts";

/** Samples of sound a second that are looked at. */
const SAMPLE_RATE = 8000;

/** Blocks of sound a second, each of which counts as a frame. */
export const SOUND_BLOCKS = 100;

const BLOCK_SAMPLES = SAMPLE_RATE / SOUND_BLOCKS;

/** Levels from which on a picture is bright: dark clips reach 93, bright ones begin at 150. */
const BRIGHT_LEVEL = 120;

/** Sample values from which on sound is loud: soft clips reach 3,300, loud ones 24,500. */
const LOUD_SAMPLE = 10_000;

/** What a decoder made of some bytes. */
export interface DecodedLevels {
  /** For each frame in turn whether it is bright; a frame of sound lasts 1/{@linkcode SOUND_BLOCKS} s. */
  readonly bright: readonly boolean[];
  /** Lines on stderr at log level "error". */
  readonly errors: readonly string[];
}

/**
 * Decodes all streams of some bytes with ffmpeg and tells bright frames from dark ones.
 *
 * @param container What the bytes are.
 * @param bytes The stream, as a watcher received it.
 */
export async function decodeLevels(
  container: LiveContainer,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<DecodedLevels> {
  await using child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "error", "-i", "pipe:0"],
      ...outputs(container),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // ffmpeg may stop reading early; what it said counts, not the broken pipe.
  const feeding = new Blob([bytes]).stream().pipeTo(child.stdin)
    .catch(() => {});
  const [decoded, text] = await Promise.all([
    toBytes(child.stdout),
    new Response(child.stderr).text(),
  ]);
  await feeding;
  await child.status;
  return {
    bright: isSound(container) ? loudBlocks(decoded) : brightPictures(decoded),
    errors: text.split("\n").filter((line) => line.trim() !== ""),
  };
}

/** Pictures shrunk to one grey pixel, or sound of one channel; sound next to pictures is decoded too. */
function outputs(container: LiveContainer): string[] {
  if (isSound(container)) {
    return ["-ac", "1", "-ar", `${SAMPLE_RATE}`, "-f", "s16le", "pipe:1"];
  }
  const shrunk = ["-vf", "scale=1:1:flags=area,format=gray"];
  const picture = ["-map", "0:v:0", ...shrunk, "-vsync", "passthrough"];
  const raw = ["-f", "rawvideo", "pipe:1"];
  const silent = container.encode.includes("-an");
  return [
    ...picture,
    ...raw,
    ...(silent ? [] : ["-map", "0:a:0", "-f", "null", "-"]),
  ];
}

function brightPictures(pixels: Uint8Array): boolean[] {
  return [...pixels].map((pixel) => pixel >= BRIGHT_LEVEL);
}

function loudBlocks(bytes: Uint8Array<ArrayBuffer>): boolean[] {
  const samples = new Int16Array(bytes.buffer, 0, bytes.length >> 1);
  const blocks: boolean[] = [];
  for (let at = 0; at < samples.length; at += BLOCK_SAMPLES) {
    const block = samples.subarray(at, at + BLOCK_SAMPLES);
    blocks.push(block.some((sample) => sample >= LOUD_SAMPLE));
  }
  return blocks;
}
