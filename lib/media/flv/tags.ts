/**
 * Tags of FLV (Adobe Flash Video File Format Specification 10.1, annex E) and of Enhanced RTMP (v2),
 * which names newer codecs by four characters.
 *
 * @module
 */
import { fourccAt, uintAt } from "../reader/big_endian.ts";
import { aacCodecOf, videoCodecOf } from "../codec/codec_strings.ts";

/** Types of a tag (E.4.1). */
export const FLV_TAG = { AUDIO: 8, VIDEO: 9, SCRIPT: 18 } as const;

/** Bytes of a tag before its data. */
export const TAG_HEAD_BYTES = 11;

/** Bytes of the size that follows each tag. */
export const TAG_END_BYTES = 4;

/** Bytes of a media tag's data that {@linkcode parseMediaHead} looks at. */
export const MEDIA_HEAD_BYTES = 5;

/** The head of a tag. */
export interface TagHead {
  /** One of {@linkcode FLV_TAG}. */
  readonly type: number;
  /** Bytes of its data. */
  readonly size: number;
  /** Milliseconds, modulo 2^32. */
  readonly timestamp: number;
}

/** The first bytes of the data of an audio or video tag. */
export interface MediaHead {
  /** The codec: four characters, or the number of FLV as text. */
  readonly codec: string;
  /** Whether it is a decoder configuration, a frame, or neither. */
  readonly kind: "config" | "frame" | "other";
  /** Whether decoding can start at the frame. */
  readonly key: boolean;
  /** Bytes of the data before the configuration or the frame. */
  readonly length: number;
}

/**
 * Reads the head of a tag.
 *
 * @returns Nothing when no tag begins so: an unknown type, or a stream id other than 0.
 */
export function parseTagHead(
  bytes: Uint8Array,
  at: number,
): TagHead | undefined {
  const type = bytes[at] ?? 0;
  const known = type === FLV_TAG.AUDIO || type === FLV_TAG.VIDEO ||
    type === FLV_TAG.SCRIPT;
  if (!known || uintAt(bytes, at + 8, 3) !== 0) return undefined;
  return {
    type,
    size: uintAt(bytes, at + 1, 3),
    // The upper 8 bits were added to the format later, behind the lower 24.
    timestamp: (bytes[at + 7] ?? 0) * 2 ** 24 + uintAt(bytes, at + 4, 3),
  };
}

/** Reads the first bytes of the data of an audio or video tag; missing bytes count as 0. */
export function parseMediaHead(type: number, data: Uint8Array): MediaHead {
  return type === FLV_TAG.VIDEO ? parseVideoHead(data) : parseAudioHead(data);
}

/** Codecs of FLV whose frames need a configuration: AAC, H.264, and HEVC as some encoders have it. */
const CONFIGURED = { AAC: 10, AVC: 7, HEVC: 12 } as const;

/** Packet types of Enhanced RTMP (ExVideoPacketType). */
const EX_PACKET = { SEQUENCE_START: 0, CODED_FRAMES: 1, CODED_FRAMES_X: 3 };

/** The sound format of Enhanced RTMP's audio (ExAudioTagHeader). */
const EX_AUDIO = 9;

/** The frame type of a key frame (E.4.3.1). */
const KEY_FRAME = 1;

function parseVideoHead(data: Uint8Array): MediaHead {
  const first = data[0] ?? 0;
  const key = ((first >> 4) & 7) === KEY_FRAME;
  if (first & 0x80) {
    const kind = exKind(first & 15);
    return { codec: fourccAt(data, 1), kind, key, length: 5 };
  }
  const codec = first & 15;
  const configured = codec === CONFIGURED.AVC || codec === CONFIGURED.HEVC;
  const kind = configured ? packetKind(data[1] ?? 0) : "frame";
  return { codec: `${codec}`, kind, key, length: configured ? 5 : 1 };
}

function parseAudioHead(data: Uint8Array): MediaHead {
  const first = data[0] ?? 0;
  const format = first >> 4;
  if (format === EX_AUDIO) {
    const kind = exKind(first & 15);
    return { codec: fourccAt(data, 1), kind, key: true, length: 5 };
  }
  const configured = format === CONFIGURED.AAC;
  const kind = configured ? packetKind(data[1] ?? 0) : "frame";
  return { codec: `${format}`, kind, key: true, length: configured ? 2 : 1 };
}

/** AVCPacketType and AACPacketType: configuration, frame, end of sequence. */
function packetKind(packetType: number): MediaHead["kind"] {
  return packetType === 0 ? "config" : packetType === 1 ? "frame" : "other";
}

function exKind(packetType: number): MediaHead["kind"] {
  if (packetType === EX_PACKET.SEQUENCE_START) return "config";
  const frame = packetType === EX_PACKET.CODED_FRAMES ||
    packetType === EX_PACKET.CODED_FRAMES_X;
  return frame ? "frame" : "other";
}

/** Names of the video codecs without a codec string of RFC 6381, by codec id (E.4.3.1). */
const VIDEO_NAMES: ReadonlyMap<string, string> = new Map([
  ["2", "flv1"],
  ["3", "flashsv"],
  ["4", "vp6f"],
  ["5", "vp6a"],
  ["6", "flashsv2"],
  ["9", "mp4v"],
]);

/** Names of the audio codecs without a codec string of RFC 6381, by sound format (E.4.2.1). */
const AUDIO_NAMES: ReadonlyMap<string, string> = new Map([
  ["0", "pcm"],
  ["1", "adpcm"],
  ["3", "pcm"],
  ["4", "nellymoser"],
  ["5", "nellymoser"],
  ["6", "nellymoser"],
  ["7", "alaw"],
  ["8", "ulaw"],
  ["11", "speex"],
]);

/** Video codecs that cannot be decoded without their configuration. */
export function needsConfig(codec: string): boolean {
  return ["7", "12", "avc1", "hvc1", "av01"].includes(codec);
}

/**
 * The codec string of RFC 6381, or the usual name of a codec that has none.
 *
 * @param type Type of the tag.
 * @param codec Codec of its head.
 * @param config The decoder configuration; empty when none has arrived.
 * @returns Nothing while it is unknown.
 */
export function flvCodecOf(
  type: number,
  codec: string,
  config: Uint8Array,
): string | undefined {
  if (type === FLV_TAG.VIDEO) {
    const name = codec === "7" ? "avc1" : codec === "12" ? "hvc1" : codec;
    return VIDEO_NAMES.get(codec) ?? videoCodecOf(name, config);
  }
  switch (codec) {
    case "10":
    case "mp4a":
      return aacCodecOf(config);
    // MP3, and MP3 of 8 kHz.
    case "2":
    case "14":
    case ".mp3":
      return "mp3";
    case "Opus":
    case "fLaC":
    case "ac-3":
    case "ec-3":
      return codec.toLowerCase();
    default:
      return AUDIO_NAMES.get(codec);
  }
}

/**
 * A number of the onMetaData script tag, which is an object of AMF 0 (2.5, 2.2).
 *
 * @param data The tag's data.
 * @param name The property's name, ASCII.
 * @returns Nothing when there is no such number.
 */
export function metadataNumber(
  data: Uint8Array,
  name: string,
): number | undefined {
  // The encoded property: a length of 16 bits, the name, and the marker 0 of a number.
  const text = new TextDecoder("latin1").decode(data);
  const property = `${String.fromCharCode(0, name.length)}${name}\0`;
  const at = text.indexOf(property);
  const from = at + property.length;
  if (at < 0 || from + 8 > data.length) return undefined;
  return new DataView(data.buffer, data.byteOffset + from, 8).getFloat64(0);
}
