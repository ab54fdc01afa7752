import type { MediaInfo } from "../media/tracker.ts";
import { timestampTag } from "./timestamp_tag.ts";

/** A place in a channel's log where a media segment may begin. */
export interface SegmentStart {
  /** Offset in the channel's log. */
  readonly offset: number;
  /** Init segment in force there. */
  readonly init: Uint8Array;
  /** Bytes that a decoder needs between init and the offset. */
  readonly prefix: Uint8Array | undefined;
  /** Seconds on the media's clock, if it has one. */
  readonly time: number | undefined;
  /** Milliseconds on the hub's clock when it was received. */
  readonly arrival: number;
}

/** How the segments of a container are packaged for HLS. */
export interface Packaging {
  /** Suffix of a segment's address, by which some players choose their demuxer. */
  readonly suffix: string;
  /** MIME type of a segment. */
  readonly mime: string;
  /** Whether the init segment is a resource of its own (`EXT-X-MAP`). */
  readonly hasMap: boolean;
  /** Bytes in front of the slice of the log, which were never part of the stream. */
  lead(start: SegmentStart): Uint8Array[];
}

/** The first byte of a transport packet, and how far apart the packets of bare MPEG-TS are. */
const SYNC_BYTE = 0x47;
const PACKET_BYTES = 188;

/** Suffixes of packed audio (RFC 8216 §3.4), by MIME type; ffmpeg rejects others. */
const PACKED_AUDIO: Readonly<Record<string, string>> = {
  "audio/mpeg": "mp3",
  "audio/aac": "aac",
  "audio/ac3": "ac3",
  "audio/eac3": "eac3",
};

/** Each segment has the tables itself, because a player may start with any (RFC 8216 §3.2). */
const TRANSPORT_STREAM: Packaging = {
  suffix: "ts",
  mime: "video/mp2t",
  hasMap: false,
  lead: ({ init, prefix }) => prefix ? [init, prefix] : [init],
};

/**
 * Tells how a stream is packaged.
 *
 * @param info What it carries.
 * @param init Its init segment.
 * @returns `undefined` where HLS cannot carry it without remuxing.
 */
export function packagingOf(
  { container, mime }: MediaInfo,
  init: Uint8Array,
): Packaging | undefined {
  switch (container) {
    case "mpegts":
      return isBare(init) ? TRANSPORT_STREAM : undefined;
    case "mp4":
      return { suffix: "m4s", mime, hasMap: true, lead: () => [] };
    case "mp3":
    case "adts":
    case "ac3": {
      const suffix = PACKED_AUDIO[mime];
      return suffix === undefined ? undefined : packedAudio(suffix, mime);
    }
    default:
      return undefined;
  }
}

/** Whether packets follow each other directly: with time stamps or error correction between them, players find none. */
function isBare(init: Uint8Array): boolean {
  return init[0] === SYNC_BYTE && init[PACKET_BYTES] === SYNC_BYTE;
}

function packedAudio(suffix: string, mime: string): Packaging {
  return {
    suffix,
    mime,
    hasMap: false,
    lead: ({ time = 0 }) => [timestampTag(time)],
  };
}
