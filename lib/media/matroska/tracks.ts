/**
 * What the Tracks element of Matroska (RFC 9559 5.1.4) says of the media.
 *
 * @module
 */
import {
  aacCodecOf,
  videoCodecOf,
  vp9FeaturesCodecOf,
} from "../codec/codec_strings.ts";
import { EBML_ID, elementsOf, textOf, uintOf } from "./ebml.ts";

/** TrackType of video and audio (RFC 9559 5.1.4.1.3). */
const TRACK_TYPE = { VIDEO: 1, AUDIO: 2 } as const;

/** One video or audio track. */
export interface MatroskaTrack {
  /** The number its blocks carry. */
  readonly number: number;
  /** Whether it is video. */
  readonly video: boolean;
  /** Its codec string, where it is known. */
  readonly codec: string | undefined;
  /** Width of the picture in pixels; 0 for audio. */
  readonly width: number;
  /** Height of the picture in pixels; 0 for audio. */
  readonly height: number;
}

/**
 * Reads the video and audio tracks.
 *
 * @param tracks The data of the Tracks element.
 * @returns The tracks in their order; those of other types are left out.
 */
export function parseTracks(tracks: Uint8Array): MatroskaTrack[] {
  const found: MatroskaTrack[] = [];
  for (const { id, data } of elementsOf(tracks)) {
    if (id !== EBML_ID.TRACK_ENTRY) continue;
    const track = parseTrack(data);
    if (track) found.push(track);
  }
  return found;
}

function parseTrack(entry: Uint8Array): MatroskaTrack | undefined {
  const fields = new Map<number, Uint8Array>();
  for (const { id, data } of elementsOf(entry)) fields.set(id, data);
  const type = uintOf(fields.get(EBML_ID.TRACK_TYPE) ?? new Uint8Array());
  if (type !== TRACK_TYPE.VIDEO && type !== TRACK_TYPE.AUDIO) return undefined;
  const video = new Map<number, Uint8Array>();
  const settings = fields.get(EBML_ID.VIDEO) ?? new Uint8Array();
  for (const { id, data } of elementsOf(settings)) video.set(id, data);
  const empty = new Uint8Array();
  return {
    number: uintOf(fields.get(EBML_ID.TRACK_NUMBER) ?? empty),
    video: type === TRACK_TYPE.VIDEO,
    codec: codecOf(
      textOf(fields.get(EBML_ID.CODEC_ID) ?? empty),
      fields.get(EBML_ID.CODEC_PRIVATE) ?? empty,
    ),
    width: uintOf(video.get(EBML_ID.PIXEL_WIDTH) ?? empty),
    height: uintOf(video.get(EBML_ID.PIXEL_HEIGHT) ?? empty),
  };
}

/** Codec strings of the codec mappings (draft-ietf-cellar-codec) that need no configuration. */
const PLAIN_CODECS: ReadonlyMap<string, string> = new Map([
  ["V_VP8", "vp8"],
  ["V_THEORA", "theora"],
  ["A_OPUS", "opus"],
  ["A_VORBIS", "vorbis"],
  ["A_FLAC", "flac"],
  ["A_MPEG/L3", "mp3"],
  ["A_AC3", "ac-3"],
  ["A_EAC3", "ec-3"],
]);

/** Names of the configuration records that CodecPrivate holds. */
const RECORD_CODECS: ReadonlyMap<string, string> = new Map([
  ["V_MPEG4/ISO/AVC", "avc1"],
  ["V_MPEGH/ISO/HEVC", "hvc1"],
  ["V_AV1", "av01"],
]);

function codecOf(
  codecId: string,
  codecPrivate: Uint8Array,
): string | undefined {
  const record = RECORD_CODECS.get(codecId);
  if (record) return videoCodecOf(record, codecPrivate);
  if (codecId === "V_VP9") return vp9FeaturesCodecOf(codecPrivate);
  if (codecId === "A_AAC") return aacCodecOf(codecPrivate);
  return PLAIN_CODECS.get(codecId);
}
