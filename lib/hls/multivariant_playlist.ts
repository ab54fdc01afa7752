import type { MediaInfo } from "../media/tracker.ts";

/** The one variant of a channel. */
export interface Variant {
  /** What it carries. */
  readonly info: MediaInfo;
  /** Bits per second that no segment exceeds. */
  readonly peakBitrate: number;
  /** Address of its media playlist. */
  readonly uri: string;
}

/** Codec strings that players know; with an unknown one they refuse the variant, and without any they look. */
const KNOWN_CODEC =
  /^(?:avc[13]|hvc1|hev1|av01|vp09|mp4a\.40)\.[\w.]+$|^(?:ac-3|ec-3|opus|flac)$/;

/** The codec string of MPEG audio layers II and III in HLS. */
const MPEG_AUDIO = "mp4a.40.34";

/** Writes the playlist that players open first (RFC 8216 §4.3.4): what the channel carries, and where. */
export function multivariantPlaylist(
  { info, peakBitrate, uri }: Variant,
): string {
  const { width, height } = info;
  const codecs = info.codecs.map((codec) =>
    /^mp[23]$/.test(codec) ? MPEG_AUDIO : codec
  );
  const isKnown = codecs.length > 0 &&
    codecs.every((codec) => KNOWN_CODEC.test(codec));
  const attributes = [
    `BANDWIDTH=${Math.max(1, Math.ceil(peakBitrate))}`,
    ...(isKnown ? [`CODECS="${codecs.join(",")}"`] : []),
    ...(width && height ? [`RESOLUTION=${width}x${height}`] : []),
  ];
  return [
    "#EXTM3U",
    "#EXT-X-VERSION:3",
    `#EXT-X-STREAM-INF:${attributes.join(",")}`,
    `${uri}\n`,
  ].join("\n");
}
