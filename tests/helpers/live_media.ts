/** A container as ffmpeg writes it live, and how it is decoded again. */
export interface LiveContainer {
  /** Named in tests and tables. */
  readonly name: string;
  /** What Icecast is told it is. */
  readonly mime: string;
  /** ffmpeg's encoder for the shared source, or none to copy its H.264 and AAC. */
  readonly encode: readonly string[];
  /** ffmpeg's muxer and its flags. */
  readonly mux: readonly string[];
}

const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const AAC = ["-c:a", "aac", "-b:a", "96k"];
/** Key frames every four seconds, as encoders are often set. */
const GOP = ["-g", "100", "-keyint_min", "100", "-sc_threshold", "0"];
const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"];

/** The containers whose late joiners are measured: 640×360, 25 frames a second, some 1.5 Mbit/s. */
export const LIVE_CONTAINERS: readonly LiveContainer[] = [
  {
    name: "MPEG-TS",
    mime: "video/mp2t",
    encode: [...H264, ...AAC],
    mux: ["-f", "mpegts"],
  },
  {
    name: "H.264",
    mime: "video/h264",
    encode: [...H264, "-an"],
    mux: ["-f", "h264"],
  },
  {
    name: "H.265",
    mime: "video/h265",
    encode: [
      "-c:v",
      "libx265",
      "-preset",
      "ultrafast",
      "-x265-params",
      "log-level=none",
      "-an",
    ],
    mux: ["-f", "hevc"],
  },
  {
    name: "Matroska",
    mime: "video/x-matroska",
    encode: [...H264, ...AAC],
    mux: ["-f", "matroska"],
  },
  {
    name: "WebM",
    mime: "video/webm",
    encode: [...VP8, "-c:a", "libopus", "-b:a", "64k"],
    mux: ["-f", "webm"],
  },
  {
    name: "fMP4",
    mime: "video/mp4",
    encode: [...H264, ...AAC],
    mux: [
      "-f",
      "mp4",
      "-movflags",
      "frag_keyframe+empty_moov+default_base_moof",
    ],
  },
  {
    name: "FLV",
    mime: "video/x-flv",
    encode: [...H264, ...AAC],
    mux: ["-f", "flv"],
  },
  {
    name: "Ogg Theora",
    mime: "application/ogg",
    encode: ["-c:v", "libtheora", "-c:a", "libvorbis"],
    mux: ["-f", "ogg"],
  },
  {
    name: "Ogg Opus",
    mime: "application/ogg",
    encode: ["-vn", "-c:a", "libopus", "-b:a", "96k"],
    mux: ["-f", "ogg"],
  },
  {
    name: "MP3",
    mime: "audio/mpeg",
    encode: ["-vn", "-c:a", "libmp3lame", "-b:a", "128k"],
    mux: ["-f", "mp3"],
  },
  {
    name: "ADTS AAC",
    mime: "audio/aac",
    encode: ["-vn", ...AAC],
    mux: ["-f", "adts"],
  },
];

/**
 * Encodes a test picture and a tone once, so that it can be played again and again without cost.
 *
 * @param container What to encode for.
 * @param seconds How long.
 * @param path Where to, as a NUT file.
 */
export async function encodeSource(
  container: LiveContainer,
  seconds: number,
  path: string,
): Promise<void> {
  const video = container.encode.includes("-vn")
    ? []
    : ["-b:v", "1400k", ...GOP];
  await ffmpeg([
    ...[
      "-f",
      "lavfi",
      "-i",
      `testsrc2=size=640x360:rate=25:duration=${seconds}`,
    ],
    ...[
      "-f",
      "lavfi",
      "-i",
      `sine=frequency=440:sample_rate=48000:duration=${seconds}`,
    ],
    ...container.encode,
    ...video,
    ...["-f", "nut", "-y", path],
  ]);
}

/** ffmpeg's arguments that play an encoded source in real time to stdout, or to a place. */
export function playArgs(
  container: LiveContainer,
  path: string,
  to = "pipe:1",
): string[] {
  return [
    ...[
      "-hide_banner",
      "-v",
      "error",
      "-nostdin",
      "-re",
      "-i",
      path,
      "-c",
      "copy",
    ],
    ...annexBFilter(container),
    ...container.mux,
    ...["-flush_packets", "1", to],
  ];
}

/**
 * To what a live encoder would write: start codes, and with bare units the parameter sets before every
 * key frame, which NUT keeps once for all.
 */
function annexBFilter({ name }: LiveContainer): string[] {
  if (name === "MPEG-TS") return ["-bsf:v", "h264_mp4toannexb"];
  if (name === "H.264") return ["-bsf:v", "h264_mp4toannexb,dump_extra"];
  return name === "H.265" ? ["-bsf:v", "hevc_mp4toannexb,dump_extra"] : [];
}

/** Runs ffmpeg to its end. */
async function ffmpeg(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-v", "error", "-nostdin", ...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      `ffmpeg ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`,
    );
  }
}

/** What a late joiner's decoder made of it. */
export interface JoinResult {
  /** Seconds from connecting to the first byte received. */
  readonly firstByte: number;
  /** Seconds from connecting to the first decoded picture (or sound); Infinity: never. */
  readonly firstPicture: number;
  /** The decoder's error lines. */
  readonly errors: readonly string[];
}

/**
 * Decodes a stream with ffmpeg at its default settings for a while.
 *
 * @param container What comes.
 * @param connect Joins, and gives the media.
 * @param seconds How long to decode.
 */
export async function decodeLive(
  container: LiveContainer,
  connect: () => Promise<ReadableStream<Uint8Array>>,
  seconds: number,
): Promise<JoinResult> {
  await using decoder = new Deno.Command("ffmpeg", {
    args: [
      "-hide_banner",
      "-v",
      "error",
      "-i",
      "pipe:0",
      ...decoderOutputs(container),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const began = performance.now();
  const media = (await connect()).getReader();
  let firstByte = Infinity;
  const feed = (async (): Promise<void> => {
    const writer = decoder.stdin.getWriter();
    try {
      for (;;) {
        const { value, done } = await media.read();
        if (done || performance.now() - began > seconds * 1000) break;
        firstByte = Math.min(firstByte, (performance.now() - began) / 1000);
        await writer.write(value);
      }
      await writer.close();
    } catch {
      // The decoder ended first; what it said counts.
    }
    await media.cancel().catch(() => {});
  })();
  const errors = new Response(decoder.stderr).text();
  const firstPicture = await firstFrame(decoder.stdout, began);
  await feed;
  const text = await errors;
  await decoder.status;
  return {
    firstByte,
    firstPicture,
    errors: text.split("\n").filter((line) => line.trim() !== ""),
  };
}

/** The picture goes to stdout where there is one, else the sound; the rest is decoded all the same. */
function decoderOutputs({ encode }: LiveContainer): string[] {
  const sound = ["-map", "0:a:0?"];
  if (encode.includes("-vn")) {
    return [...sound, "-f", "s16le", "-flush_packets", "1", "pipe:1"];
  }
  const picture = [
    "-map",
    "0:v:0",
    "-f",
    "rawvideo",
    "-flush_packets",
    "1",
    "pipe:1",
  ];
  return encode.includes("-an")
    ? picture
    : [...picture, ...sound, "-f", "null", "-"];
}

/** Seconds from `began` to the first decoded byte; Infinity when none came. */
async function firstFrame(
  stdout: ReadableStream<Uint8Array>,
  began: number,
): Promise<number> {
  let first = Infinity;
  for await (const _ of stdout) {
    first = Math.min(first, (performance.now() - began) / 1000);
  }
  return first;
}
