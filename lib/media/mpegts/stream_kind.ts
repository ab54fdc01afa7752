/**
 * What the elementary streams of an MPEG-TS are: stream_type (ISO/IEC 13818-1 table 2-34), the
 * descriptors of private ones (ETSI EN 300 468), and the first bytes of audio.
 *
 * @module
 */
import { adtsHeader } from "../audio_frames/adts.ts";
import { MPEG4_VIDEO_GRAMMAR } from "../codec/mpeg4_video.ts";
import { MPEG_VIDEO_GRAMMAR } from "../codec/mpeg_video.ts";
import { H264_GRAMMAR } from "../codec/h264.ts";
import { H265_GRAMMAR } from "../codec/h265.ts";
import type { UnitGrammar } from "../codec/unit_grammar.ts";
import type { ElementaryStream } from "./psi.ts";

/** What an elementary stream carries. */
export interface StreamKind {
  /** The kind of media; "other" is data, subtitles and unknown streams. */
  readonly media: "video" | "audio" | "other";
  /** Codec string of RFC 6381, where the type alone tells it. */
  readonly codec?: string;
  /** The grammar of its pictures, where known. */
  readonly grammar?: UnitGrammar;
}

/** Bytes of audio that identify its codec: an ADTS header with checksum has 9. */
export const AUDIO_HEAD_BYTES = 16;

const OTHER: StreamKind = { media: "other" };

const KINDS: ReadonlyMap<number, StreamKind> = new Map<number, StreamKind>([
  [0x01, { media: "video", codec: "mp4v.6A", grammar: MPEG_VIDEO_GRAMMAR }],
  [0x02, { media: "video", codec: "mp4v.61", grammar: MPEG_VIDEO_GRAMMAR }],
  [0x03, { media: "audio" }],
  [0x04, { media: "audio" }],
  [0x0f, { media: "audio" }],
  [0x10, { media: "video", codec: "mp4v.20", grammar: MPEG4_VIDEO_GRAMMAR }],
  [0x11, { media: "audio" }],
  [0x1b, { media: "video", grammar: H264_GRAMMAR }],
  [0x24, { media: "video", grammar: H265_GRAMMAR }],
  [0x33, { media: "video" }],
  [0x81, { media: "audio", codec: "ac-3" }],
  [0x87, { media: "audio", codec: "ec-3" }],
  [0xea, { media: "video" }],
]);

/** format_identifier of a registration descriptor, for private streams (type 6). */
const REGISTERED: ReadonlyMap<string, StreamKind> = new Map<string, StreamKind>(
  [
    ["AC-3", { media: "audio", codec: "ac-3" }],
    ["EAC3", { media: "audio", codec: "ec-3" }],
    ["Opus", { media: "audio", codec: "opus" }],
    ["HEVC", { media: "video", grammar: H265_GRAMMAR }],
    ["AV01", { media: "video" }],
  ],
);

/** Descriptors whose tag alone names the codec (EN 300 468 annex D). */
const DESCRIBED: ReadonlyMap<number, StreamKind> = new Map<number, StreamKind>([
  [0x6a, { media: "audio", codec: "ac-3" }],
  [0x7a, { media: "audio", codec: "ec-3" }],
]);

const PRIVATE = 0x06;
const REGISTRATION = 0x05;

/** What an elementary stream carries, by its entry in the PMT. */
export function streamKind(stream: ElementaryStream): StreamKind {
  return KINDS.get(stream.type) ??
    (stream.type === PRIVATE ? privateKind(stream.descriptors) : OTHER);
}

/**
 * The codec of audio by its first bytes.
 *
 * @param type stream_type.
 * @param head At least {@linkcode AUDIO_HEAD_BYTES} of the payload of a PES packet.
 * @returns A codec string of RFC 6381, or nothing when the bytes do not tell.
 */
export function audioCodec(type: number, head: Uint8Array): string | undefined {
  if (type === 0x0f) return adtsHeader(head, 0)?.codec;
  if (type === 0x03 || type === 0x04) return mpegAudioCodec(head);
}

/** Layer III is 0x22 in the register of object types, II 0x21, I 0x20 (ISO/IEC 14496-3 1.5.1). */
function mpegAudioCodec(head: Uint8Array): string | undefined {
  const [first = 0, second = 0] = head;
  const layer = (second >> 1) & 3;
  if (first !== 0xff || (second & 0xe0) !== 0xe0 || layer === 0) return;
  return `mp4a.40.${31 + 4 - layer}`;
}

function privateKind(descriptors: Uint8Array): StreamKind {
  for (let at = 0; at + 2 <= descriptors.length;) {
    const tag = descriptors[at]!;
    const content = descriptors.subarray(at + 2, at + 2 + descriptors[at + 1]!);
    const kind = tag === REGISTRATION
      ? REGISTERED.get(String.fromCharCode(...content.subarray(0, 4)))
      : DESCRIBED.get(tag);
    if (kind) return kind;
    at += 2 + descriptors[at + 1]!;
  }
  return OTHER;
}
