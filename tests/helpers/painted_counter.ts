import type { Page } from "playwright-core";
import { playSeconds } from "./play_seconds.ts";

/** Bits of the counter that is painted into the picture. */
const BITS = 12;

/** Pictures per second of what is painted. */
export const RATE = 15;

/** Pixels of a row; each bit has a field of 27. */
export const WIDTH = 324;
/** Rows of pixels. */
export const HEIGHT = 180;

/** Seconds of media: for a player, and what comes before it. */
const SECONDS = Math.max(60, playSeconds(0) + 30);

/** ffmpeg's options for each encoding, with a keyframe every two seconds as is usual for live encoders. */
const ENCODINGS = {
  h264: `-c:v libx264 -preset ultrafast -tune zerolatency -g ${
    2 * RATE
  } -pix_fmt yuv420p -c:a aac`,
  vp8: `-c:v libvpx -deadline realtime -cpu-used 8 -g ${
    2 * RATE
  } -b:v 300k -c:a libopus`,
  mp3: "-vn -c:a libmp3lame -b:a 128k",
  theora: "-c:v libtheora -b:v 300k -c:a libvorbis",
} as const;

/** How media is encoded. */
export type Encoding = keyof typeof ENCODINGS;

/**
 * ffmpeg's filter that paints the picture's number into its top, one field a bit; in Gray code, so that a
 * field that is read from a neighbouring picture is wrong by one picture at most.
 */
function counterFilter(): string {
  const field = WIDTH / BITS;
  const boxes = Array.from({ length: BITS }, (_, bit) => {
    // The highest bit of a Gray code is that of the number itself.
    const isTop = bit === BITS - 1;
    const shifted = isTop
      ? `n/${2 ** bit}`
      : `(n+${2 ** bit})/${2 ** (bit + 1)}`;
    return `drawbox=x=${bit * field}:y=0:w=${field}:h=32:color=white:t=fill:` +
      `enable='mod(floor(${shifted}),2)'`;
  });
  return [`drawbox=x=0:y=0:w=${WIDTH}:h=32:color=black:t=fill`, ...boxes].join(
    ",",
  );
}

/**
 * Encodes numbered pictures and a tone, so that it can be played again and again without cost.
 *
 * @param encoding How.
 * @param path Where to, with the suffix of a file that takes it and tells how long each picture lasts.
 */
export async function encodeCounter(
  encoding: Encoding,
  path: string,
): Promise<void> {
  const picture =
    `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${RATE}:duration=${SECONDS}`;
  const filter = encoding === "mp3" ? [] : ["-vf", counterFilter()];
  const inputs =
    `-v error -f lavfi -i ${picture} -f lavfi -i sine=duration=${SECONDS}`;
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: [
      ...inputs.split(" "),
      ...filter,
      ...ENCODINGS[encoding].split(" "),
      path,
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      `Cannot encode ${path}: ${new TextDecoder().decode(stderr)}`,
    );
  }
}

/**
 * Reads the number in a picture.
 *
 * @param pixels Its luma, {@linkcode WIDTH} bytes a row; the first 17 rows are enough.
 */
export function countIn(pixels: Uint8Array): number {
  let count = 0;
  let value = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor((BITS - bit - 0.5) * WIDTH / BITS);
    value ^= (pixels[16 * WIDTH + x] ?? 0) > 128 ? 1 : 0;
    count = count * 2 + value;
  }
  return count;
}

/** What is read in a picture, and when, in milliseconds of `Date.now()`. */
interface CounterRead {
  readonly count: number;
  readonly at: number;
}

const READ_SCRIPT = `(() => {
  const picture = canvas.hidden ? video : canvas;
  const width = canvas.hidden ? video.videoWidth : canvas.width;
  if (!width) return undefined;
  const copy = new OffscreenCanvas(width, 32).getContext("2d");
  copy.drawImage(picture, 0, 0, width, 32, 0, 0, width, 32);
  let count = 0;
  for (let bit = 0, value = 0; bit < ${BITS}; bit++) {
    const x = Math.floor((${BITS} - bit - 0.5) * width / ${BITS});
    value ^= copy.getImageData(x, 16, 1, 1).data[0] > 128 ? 1 : 0;
    count = count * 2 + value;
  }
  return { count, at: Date.now() };
})()`;

/**
 * How old the picture on a watch page is.
 *
 * @param page A page that plays what {@linkcode encodeCounter} made, in real time.
 * @param begun When its first picture was sent, in milliseconds of `Date.now()`.
 * @returns Its age in seconds, within one picture; NaN while there is none.
 */
export async function pictureAge(page: Page, begun: number): Promise<number> {
  // Looked at and timed in the page, lest the way to it be counted.
  const read = await page.evaluate(READ_SCRIPT) as CounterRead | undefined;
  return read ? (read.at - begun) / 1000 - read.count / RATE : NaN;
}
