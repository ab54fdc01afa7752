/**
 * What the moov box of MP4 (ISO/IEC 14496-12 8.2) says of the media.
 *
 * @module
 */
import { uintAt } from "../reader/big_endian.ts";
import { esdsCodecOf, videoCodecOf } from "../codec/codec_strings.ts";
import { type Box, boxesOf, boxIn, isBoxType } from "./boxes.ts";

/** Bytes of a VisualSampleEntry before the boxes in it (ISO/IEC 14496-12 12.1.3). */
const VISUAL_ENTRY_BYTES = 78;

/** Bytes of an AudioSampleEntry before the boxes in it (12.2.3), by its QuickTime version. */
const AUDIO_ENTRY_BYTES = [28, 44, 64] as const;

/** One video or audio track. */
export interface Mp4Track {
  /** The number that fragments name it by. */
  readonly id: number;
  /** Whether it is video. */
  readonly video: boolean;
  /** Ticks of its clock in a second. */
  readonly timescale: number;
  /** Its codec string, where it is known. */
  readonly codec: string | undefined;
  /** Width of the picture in pixels; 0 for audio. */
  readonly width: number;
  /** Height of the picture in pixels; 0 for audio. */
  readonly height: number;
  /** Flags of samples for which a fragment states none (8.8.3.1). */
  readonly defaultFlags: number;
}

/** What a moov box says. */
export interface Mp4Movie {
  /** The video and audio tracks in their order. */
  readonly tracks: readonly Mp4Track[];
  /** Whether fragments may follow: there is an mvex box. */
  readonly fragmented: boolean;
  /** Whether samples are listed in the moov itself. */
  readonly hasSamples: boolean;
}

/** Reads the data of a moov box. */
export function parseMovie(moov: Uint8Array): Mp4Movie {
  const mvex = boxIn(moov, "mvex");
  const defaults = mvex ? defaultFlagsOf(mvex) : new Map<number, number>();
  const tracks: Mp4Track[] = [];
  let hasSamples = false;
  for (const { type, data } of boxesOf(moov)) {
    if (type !== "trak") continue;
    hasSamples ||= listsSamples(data);
    const track = parseTrack(data, defaults);
    if (track) tracks.push(track);
  }
  return { tracks, fragmented: mvex !== undefined, hasSamples };
}

/** The default sample flags of each track, from its trex box. */
function defaultFlagsOf(mvex: Uint8Array): Map<number, number> {
  const flags = new Map<number, number>();
  for (const { type, data } of boxesOf(mvex)) {
    if (type === "trex") flags.set(uintAt(data, 4, 4), uintAt(data, 20, 4));
  }
  return flags;
}

function listsSamples(trak: Uint8Array): boolean {
  const stbl = boxIn(trak, "mdia", "minf", "stbl");
  const sizes = stbl && (boxIn(stbl, "stsz") ?? boxIn(stbl, "stz2"));
  return sizes !== undefined && uintAt(sizes, 8, 4) > 0;
}

function parseTrack(
  trak: Uint8Array,
  defaults: ReadonlyMap<number, number>,
): Mp4Track | undefined {
  const tkhd = boxIn(trak, "tkhd");
  const mdhd = boxIn(trak, "mdia", "mdhd");
  const handler = handlerOf(trak);
  const stsd = boxIn(trak, "mdia", "minf", "stbl", "stsd");
  if (!tkhd || !mdhd || !stsd || !handler) return undefined;
  // Times take 8 bytes instead of 4 in version 1 of both boxes (8.3.2, 8.4.2).
  const id = uintAt(tkhd, tkhd[0] === 1 ? 20 : 12, 4);
  const [entry] = boxesOf(stsd.subarray(8));
  return {
    id,
    video: handler === "vide",
    timescale: uintAt(mdhd, mdhd[0] === 1 ? 20 : 12, 4) || 1,
    defaultFlags: defaults.get(id) ?? 0,
    ...(handler === "vide" ? visualOf(entry) : audioOf(entry)),
  };
}

/** Whether a track is video or audio (hdlr, 8.4.3); nothing for others. */
function handlerOf(trak: Uint8Array): "vide" | "soun" | undefined {
  const hdlr = boxIn(trak, "mdia", "hdlr");
  const type = hdlr && String.fromCharCode(...hdlr.subarray(8, 12));
  return type === "vide" || type === "soun" ? type : undefined;
}

type Picture = Pick<Mp4Track, "codec" | "width" | "height">;

function visualOf(entry: Box | undefined): Picture {
  if (!entry) return { codec: undefined, width: 0, height: 0 };
  return {
    codec: visualCodecOf(entry),
    width: uintAt(entry.data, 24, 2),
    height: uintAt(entry.data, 26, 2),
  };
}

function visualCodecOf({ type, data }: Box): string | undefined {
  for (const box of boxesOf(data.subarray(VISUAL_ENTRY_BYTES))) {
    if (["avcC", "hvcC", "av1C", "vpcC"].includes(box.type)) {
      return videoCodecOf(type, box.data);
    }
  }
  return entryName(type);
}

/** The name of a sample entry, which is its codec string where RFC 6381 defines no other. */
function entryName(type: string): string | undefined {
  const configured = ["avc1", "avc3", "hvc1", "hev1", "av01", "mp4a"];
  return isBoxType(type) && !configured.includes(type)
    ? type.trim()
    : undefined;
}

function audioOf(entry: Box | undefined): Picture {
  return {
    codec: entry && audioCodecOf(entry),
    width: 0,
    height: 0,
  };
}

function audioCodecOf({ type, data }: Box): string | undefined {
  switch (type) {
    case "Opus":
    case "fLaC":
    case "ac-3":
    case "ec-3":
      return type.toLowerCase();
    case ".mp3":
      return "mp3";
    case "mp4a": {
      const from = AUDIO_ENTRY_BYTES[uintAt(data, 8, 2)] ?? data.length;
      const boxes = data.subarray(from);
      // QuickTime wraps the boxes of a codec once more (QTFF, siDecompressionParam).
      const esds = boxIn(boxes, "esds") ?? boxIn(boxes, "wave", "esds");
      return esds && esdsCodecOf(esds);
    }
    default:
      return entryName(type);
  }
}
