import type { MediaSegment } from "./media_segment.ts";

/** What a media playlist lists. */
export interface MediaPlaylist {
  /** Oldest first, at least one: without any, the playlist's sequence number is not known. */
  readonly segments: readonly MediaSegment[];
  /** {@linkcode Segmenter.targetSeconds} */
  readonly targetSeconds: number;
  /** Whether nothing more will come. */
  readonly isOver: boolean;
  /** The address of a segment. */
  readonly segmentUri: (segment: MediaSegment) => string;
  /** The address of a segment's init segment. */
  readonly mapUri: (segment: MediaSegment) => string;
}

/** Versions of the format: 6 has `EXT-X-MAP` in every playlist, 3 has decimal durations (RFC 8216 §7). */
const MAP_VERSION = 6;
const PLAIN_VERSION = 3;

/**
 * Writes a live media playlist (RFC 8216 §4.3.2, §4.3.3).
 *
 * @throws {RangeError} Without a segment.
 */
export function mediaPlaylist(
  { segments, targetSeconds, isOver, segmentUri, mapUri }: MediaPlaylist,
): string {
  const [first] = segments;
  if (!first) throw new RangeError("Cannot write a playlist of no segment");
  const hasMap = segments.some(({ packaging }) => packaging.hasMap);
  const lines = [
    "#EXTM3U",
    `#EXT-X-VERSION:${hasMap ? MAP_VERSION : PLAIN_VERSION}`,
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.sequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence(first)}`,
  ];
  let map = "";
  for (const segment of segments) {
    const { isDiscontinuous, packaging, date, seconds } = segment;
    if (isDiscontinuous) lines.push("#EXT-X-DISCONTINUITY");
    const uri = packaging.hasMap ? mapUri(segment) : "";
    if (uri !== map) lines.push(`#EXT-X-MAP:URI="${uri}"`);
    map = uri;
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(date).toISOString()}`,
      `#EXTINF:${seconds.toFixed(5)},`,
      segmentUri(segment),
    );
  }
  if (isOver) lines.push("#EXT-X-ENDLIST");
  return `${lines.join("\n")}\n`;
}

/** Discontinuities that the playlist no longer shows: that of its first segment is shown. */
function discontinuitySequence(
  { discontinuity, isDiscontinuous }: MediaSegment,
): number {
  return discontinuity - (isDiscontinuous ? 1 : 0);
}
