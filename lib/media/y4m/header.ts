/**
 * The header line of YUV4MPEG2 (man page yuv4mpeg(5) of mjpegtools, with the colour spaces that
 * ffmpeg and x264 added).
 *
 * @module
 */

/** The fields of the header line. */
export interface Y4mHeader {
  /** Width of the picture in pixels. */
  readonly width: number;
  /** Height of the picture in pixels. */
  readonly height: number;
  /** Bytes of a frame without its own header line. */
  readonly frameBytes: number;
  /** Seconds that a frame lasts; `undefined` where the rate is not stated. */
  readonly frameSeconds?: number;
}

/** Pixels of a side: twice 8K, so that a frame stays below 2 GiB. */
const MAX_SIDE = 16384;

/** A chroma format: by how much both planes are smaller, and how many further full planes. */
interface Chroma {
  readonly across: number;
  readonly down: number;
  readonly chromaPlanes: number;
  readonly fullPlanes: number;
}

/** By the first word of the colour space. */
const CHROMA: Readonly<Record<string, Chroma>> = {
  "420": { across: 2, down: 2, chromaPlanes: 2, fullPlanes: 1 },
  "411": { across: 4, down: 1, chromaPlanes: 2, fullPlanes: 1 },
  "410": { across: 4, down: 4, chromaPlanes: 2, fullPlanes: 1 },
  "422": { across: 2, down: 1, chromaPlanes: 2, fullPlanes: 1 },
  "440": { across: 1, down: 2, chromaPlanes: 2, fullPlanes: 1 },
  "444": { across: 1, down: 1, chromaPlanes: 2, fullPlanes: 1 },
  "444alpha": { across: 1, down: 1, chromaPlanes: 2, fullPlanes: 2 },
  "mono": { across: 1, down: 1, chromaPlanes: 0, fullPlanes: 1 },
};

/**
 * Format, siting of the chroma samples of 4:2:0 (without effect on the size), and a depth above 8
 * bits, with which a sample takes two bytes: `420jpeg`, `444alpha`, `422p10`, `mono16`.
 */
const COLOUR_SPACE = /^(444alpha|4\d\d|mono)(?:jpeg|mpeg2|paldv)?(?:p?(\d+))?$/;

/**
 * Reads the header line.
 *
 * @param line From `YUV4MPEG2` on, without the line's end.
 * @returns `undefined` when a size is missing or not possible, or the colour space is unknown.
 */
export function y4mHeader(line: string): Y4mHeader | undefined {
  const tags = new Map<string, string>();
  for (const tag of line.split(" ").slice(1)) {
    // Comments and extensions (X) may come several times; they are ignored.
    if (tag !== "") tags.set(tag.charAt(0), tag.slice(1));
  }
  const width = side(tags.get("W"));
  const height = side(tags.get("H"));
  const frameBytes = bytesOf(width, height, tags.get("C") ?? "420jpeg");
  if (frameBytes === undefined) return undefined;
  const frameSeconds = seconds(tags.get("F") ?? "");
  return {
    width,
    height,
    frameBytes,
    ...(frameSeconds === undefined ? {} : { frameSeconds }),
  };
}

/** A side in pixels; NaN when the text is not a valid one. */
function side(text = ""): number {
  const pixels = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  return pixels > 0 && pixels <= MAX_SIDE ? pixels : NaN;
}

/** Seconds of a frame from a rate like `30000:1001`; 0:0 means unknown. */
function seconds(rate: string): number | undefined {
  const [frames = 0, per = 0] = rate.split(":").map(Number);
  return frames > 0 && per > 0 ? per / frames : undefined;
}

function bytesOf(
  width: number,
  height: number,
  space: string,
): number | undefined {
  const [, format = "", depth] = COLOUR_SPACE.exec(space) ?? [];
  const chroma = CHROMA[format];
  if (!chroma || !(width * height > 0)) return undefined;
  const chromaSamples = Math.ceil(width / chroma.across) *
    Math.ceil(height / chroma.down);
  const samples = width * height * chroma.fullPlanes +
    chromaSamples * chroma.chromaPlanes;
  return samples * (depth === undefined ? 1 : 2);
}
