import { isFast } from "./fast.ts";

/** Whether a program is installed, found by running it. */
async function runs(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["-version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

/** Whether ffmpeg and ffprobe are used; tests that need them say so in their name when not. */
export const hasFfmpeg: boolean = !isFast && await runs("ffmpeg") &&
  await runs("ffprobe");

const WHY_SKIPPED = isFast ? "decoding takes long" : "ffmpeg is not installed";

/** A test's name and whether it is skipped, which says what is missing. */
export function needsFfmpeg(name: string): { name: string; ignore: boolean } {
  return {
    name: hasFfmpeg ? name : `${name} (skipped: ${WHY_SKIPPED})`,
    ignore: !hasFfmpeg,
  };
}

/** What ffmpeg made of some bytes. */
export interface Decoded {
  /** Frames or packets decoded of the first video stream, else of the first audio stream. */
  readonly frames: number;
  /** Whether the first frame is a key frame. */
  readonly keyFirst: boolean;
  /** Lines on stderr at log level "error". */
  readonly errors: string[];
}

/**
 * Decodes bytes with ffprobe.
 *
 * @param bytes The stream, as a late joiner would receive it.
 * @param format ffmpeg's name of the demuxer, or none to let it probe.
 * @param streams ffmpeg's specifier of the streams that count, by default all.
 */
export async function decode(
  bytes: Uint8Array,
  format?: string,
  streams?: string,
): Promise<Decoded> {
  const args = ["-v", "error", ...(format ? ["-f", format] : [])];
  if (streams) args.push("-select_streams", streams);
  // Players decode on several threads, and are the more particular for it; ffprobe by itself on one.
  args.push("-threads", "4", "-show_entries");
  args.push("frame=media_type,key_frame", "-of", "csv=p=0", "-i", "pipe:0");
  await using child = new Deno.Command("ffprobe", {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // ffprobe may stop reading early; what it said counts, not the broken pipe.
  const feeding = writer.write(bytes).then(() => writer.close()).catch(
    () => {},
  );
  const output = await child.output();
  await feeding;
  const text = new TextDecoder();
  const rows = text.decode(output.stdout).split("\n").filter((row) =>
    row !== ""
  );
  const video = rows.filter((row) => row.startsWith("video"));
  const frames = video.length > 0
    ? video
    : rows.filter((row) => row.startsWith("audio"));
  return {
    frames: frames.length,
    keyFirst: frames[0]?.split(",")[1] === "1",
    errors: text.decode(output.stderr).split("\n").filter((line) =>
      line.trim() !== ""
    ),
  };
}
