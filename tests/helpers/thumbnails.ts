import { toBytes } from "@std/streams";

const WIDTH = 64;
const HEIGHT = 36;
const PIXELS = WIDTH * HEIGHT;

/** Levels by which a pixel of a picture that was decoded right may differ, by rounding. */
const MOST_DIFFERENCE = 24;

/**
 * Decodes the first video of some bytes with ffmpeg at its default settings.
 *
 * @param format ffmpeg's name of the demuxer, or none to let it probe.
 * @returns Each decoded picture, small and grey.
 */
export async function thumbnails(
  bytes: Uint8Array<ArrayBuffer>,
  format?: string,
): Promise<Uint8Array[]> {
  await using child = new Deno.Command("ffmpeg", {
    args: [
      ...["-v", "quiet", ...(format ? ["-f", format] : [])],
      ...["-i", "pipe:0", "-map", "0:v:0"],
      ...[
        "-vsync",
        "passthrough",
        "-vf",
        `scale=${WIDTH}:${HEIGHT}:flags=area`,
      ],
      ...["-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"],
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // ffmpeg may stop reading early, which the pictures show.
  const feeding = new Blob([bytes]).stream().pipeTo(child.stdin)
    .catch(() => {});
  const pixels = await toBytes(child.stdout);
  await feeding;
  await child.status;
  return Array.from(
    { length: pixels.length / PIXELS },
    (_, i) => pixels.subarray(i * PIXELS, (i + 1) * PIXELS),
  );
}

/** How many pictures look like none of those that are right. */
export function countBad(
  pictures: readonly Uint8Array[],
  right: readonly Uint8Array[],
): number {
  return pictures.filter((one) => !right.some((other) => looksLike(one, other)))
    .length;
}

function looksLike(one: Uint8Array, other: Uint8Array): boolean {
  for (let i = 0; i < one.length; i++) {
    if (Math.abs(one[i]! - other[i]!) > MOST_DIFFERENCE) return false;
  }
  return true;
}
