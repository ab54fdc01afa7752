import { assert } from "@std/assert";
import { pattern } from "../../helpers/pattern.ts";

/** Bytes of an exact transfer: several of the log's segments, and no multiple of anything. */
const TRANSFER_BYTES = 1_234_567;

/** What clients carry that keep every byte. */
export const BYTES: Uint8Array<ArrayBuffer> = pattern(0, TRANSFER_BYTES);

/** Pictures of {@linkcode clip}. */
export const CLIP_FRAMES = 50;

const CLIP = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 " +
  "-f lavfi -i sine=duration=2 -c:v libx264 -preset ultrafast -g 25 " +
  "-c:a aac -f mpegts";

/** Media that ffmpeg makes, by its arguments. */
const made: Map<string, Promise<Uint8Array<ArrayBuffer>>> = new Map();

/** Two seconds of picture and tone in MPEG-TS, for clients that decode. */
export function clip(): Promise<Uint8Array<ArrayBuffer>> {
  return make(CLIP);
}

/** A second of tone, for sources that send files in real time. */
export function tone(
  container: "mp3" | "ogg",
): Promise<Uint8Array<ArrayBuffer>> {
  const codec = container === "mp3" ? "libmp3lame" : "libvorbis";
  const source = "-f lavfi -i sine=duration=1 -ar 44100 -ac 2";
  return make(`${source} -c:a ${codec} -f ${container}`);
}

function make(args: string): Promise<Uint8Array<ArrayBuffer>> {
  const known = made.get(args);
  if (known) return known;
  const making = encode(args);
  made.set(args, making);
  return making;
}

async function encode(args: string): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-v", "error", ...args.split(" "), "pipe:1"],
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return stdout;
}
