import { assert } from "@std/assert";
import { toBytes } from "@std/streams";
import { LIVE_CONTAINERS, type LiveContainer } from "./live_media.ts";

const SOUND = ["-vn"];
const H265 = ["-c:v", "libx265", "-preset", "ultrafast"];
const VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"];
const AAC = ["-c:a", "aac", "-b:a", "96k"];
const FMP4 = [
  "-f",
  "mp4",
  "-movflags",
  "frag_keyframe+empty_moov+default_base_moof",
];

/** H.265 as libx265 writes it by default: open groups, whose leading pictures refer to what was before. */
const OPEN_H265 = [...H265, "-bf", "3", "-x265-params", "log-level=none"];

/** Containers and codecs other than those whose late joiners are measured. */
const MORE: readonly LiveContainer[] = [
  media("MPEG-TS H.265", [...OPEN_H265, ...AAC], ["-f", "mpegts"]),
  media("MPEG-TS MP2", ["-c:v", "mpeg2video", "-c:a", "mp2"], ["-f", "mpegts"]),
  media("MPEG-TS AAC", [...SOUND, ...AAC], ["-f", "mpegts"]),
  media("Matroska H.265", [...OPEN_H265, ...AAC], ["-f", "matroska"]),
  media("WebM VP9", [...VP9, "-c:a", "libopus"], ["-f", "webm"]),
  media("WebM Opus", [...SOUND, "-c:a", "libopus"], ["-f", "webm"]),
  media("fMP4 H.265", [...OPEN_H265, ...AAC], FMP4),
  media("fMP4 AAC", [...SOUND, ...AAC], [
    ...FMP4,
    "-frag_duration",
    "200000",
  ]),
  media("FLV MP3", ["-c:v", "flv1", "-c:a", "libmp3lame"], ["-f", "flv"]),
  media("Ogg Theora alone", ["-c:v", "libtheora", "-an"], ["-f", "ogg"]),
  media("Ogg VP8", ["-c:v", "libvpx", "-deadline", "realtime", "-an"], [
    "-f",
    "ogg",
  ]),
  media("Ogg Vorbis", [...SOUND, "-c:a", "libvorbis"], ["-f", "ogg"]),
  media("Ogg FLAC", [...SOUND, "-c:a", "flac"], ["-f", "ogg"]),
  media("FLAC", [...SOUND, "-c:a", "flac"], ["-f", "flac"]),
  media("AC-3", [...SOUND, "-c:a", "ac3"], ["-f", "ac3"]),
  media("WAV", [...SOUND, "-c:a", "pcm_s16le"], ["-f", "wav"]),
  media("Motion JPEG", ["-c:v", "mjpeg", "-an"], ["-f", "mjpeg"]),
  media("MPEG-PS", ["-c:v", "mpeg2video", "-c:a", "mp2"], ["-f", "vob"]),
  media("MPEG-2 video", ["-c:v", "mpeg2video", "-an"], ["-f", "mpeg2video"]),
  media("MPEG-4 video", ["-c:v", "mpeg4", "-an"], ["-f", "m4v"]),
  media("LATM", [...SOUND, ...AAC], ["-f", "latm"]),
  media("IVF", ["-c:v", "libvpx", "-deadline", "realtime", "-an"], [
    "-f",
    "ivf",
  ]),
  media("NUT", ["-c:v", "libx264", "-preset", "ultrafast", ...AAC], [
    "-f",
    "nut",
  ]),
  media("AU", [...SOUND, "-c:a", "pcm_s16be"], ["-f", "au"]),
  media("CAF", [...SOUND, "-c:a", "pcm_s16le"], ["-f", "caf"]),
  media("YUV4MPEG2", ["-an", "-pix_fmt", "yuv420p"], ["-f", "yuv4mpegpipe"]),
];

/** Every container that has a tracker, with the codecs that are common in it. */
export const EVERY_MEDIA: readonly LiveContainer[] = [
  ...LIVE_CONTAINERS,
  ...MORE,
];

function media(
  name: string,
  encode: readonly string[],
  mux: readonly string[],
): LiveContainer {
  return { name, mime: "", encode, mux };
}

/** Whether it carries sound only. */
export function isSound({ encode }: LiveContainer): boolean {
  return encode.includes("-vn");
}

/** What a clip is like. */
export interface Clip {
  /** How long. */
  readonly seconds: number;
  /** Width and height in pixels. */
  readonly size: string;
  /** Pictures per second. */
  readonly rate: number;
  /** Pictures from one key frame to the next. */
  readonly group: number;
  /** Kilobits per second of the picture. */
  readonly kilobits: number;
  /** Whether it is bright and loud rather than dark and soft, so that two clips can be told apart. */
  readonly bright: boolean;
  /** Hertz of the sound. */
  readonly soundRate: number;
  /** What else the encoder is told. */
  readonly more: readonly string[];
}

/** A clip of five seconds that encodes in a moment. */
export const SMALL_CLIP: Clip = {
  seconds: 5,
  size: "192x108",
  rate: 12,
  group: 12,
  kilobits: 400,
  bright: false,
  soundRate: 48_000,
  more: [],
};

/**
 * Encodes a clip as a live encoder would pipe it.
 *
 * @param container Container and codecs.
 * @param changes What is different from {@linkcode SMALL_CLIP}.
 * @throws {AssertionError} when ffmpeg fails.
 */
export async function encodeClip(
  container: LiveContainer,
  changes: Partial<Clip> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const clip = { ...SMALL_CLIP, ...changes };
  const args = [
    ...["-v", "error", "-nostdin", "-threads", "1"],
    ...["-f", "lavfi", "-i", pictures(clip), "-f", "lavfi", "-i", sound(clip)],
    ...["-map", "0:v", "-map", "1:a", "-threads", "1"],
    ...["-b:v", `${clip.kilobits}k`],
    ...["-g", `${clip.group}`, "-keyint_min", `${clip.group}`],
    ...["-sc_threshold", "0"],
    ...container.encode,
    ...clip.more,
    ...container.mux,
    ...["-flush_packets", "1", "pipe:1"],
  ];
  await using child = new Deno.Command("ffmpeg", {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [bytes, errors] = await Promise.all([
    toBytes(child.stdout),
    new Response(child.stderr).text(),
  ]);
  assert((await child.status).success, `${container.name}: ${errors}`);
  return bytes;
}

/** Moving pictures with noise, so that they take bits, in the lower or upper half of brightness. */
function pictures({ size, rate, seconds, bright }: Clip): string {
  return `testsrc2=size=${size}:rate=${rate}:duration=${seconds},noise=alls=12:allf=t,` +
    `format=yuv420p,lutyuv=y=val*0.3+${bright ? 150 : 16}`;
}

/** A tone that is soft or loud, with some noise, so that it takes bits. */
function sound({ soundRate, seconds, bright }: Clip): string {
  const length = `sample_rate=${soundRate}:duration=${seconds}`;
  return `sine=frequency=440:${length},volume=${bright ? 6 : 0.8}[tone];` +
    `anoisesrc=amplitude=0.03:seed=1:${length}[noise];` +
    `[tone][noise]amix=normalize=0`;
}
