/**
 * Numbers and names as people read them.
 *
 * @module
 */

/**
 * Names of codecs by the beginning of their RFC 6381 string; the first match counts.
 *
 * @type {readonly (readonly [string, string])[]}
 */
const CODECS = [
  ["avc", "H.264"],
  ["hvc", "H.265"],
  ["hev", "H.265"],
  ["av01", "AV1"],
  ["av1", "AV1"],
  ["vp09", "VP9"],
  ["vp9", "VP9"],
  ["vp8", "VP8"],
  ["mp4a.69", "MP3"],
  ["mp4a.6b", "MP3"],
  ["mp4a.40.34", "MP3"],
  ["mp4a.40.33", "MP2"],
  ["mp4a.40.32", "MP1"],
  ["mp4a.a5", "AC-3"],
  ["mp4a.a6", "E-AC-3"],
  ["mp4a", "AAC"],
  ["mp3", "MP3"],
  ["opus", "Opus"],
  ["vorbis", "Vorbis"],
  ["flac", "FLAC"],
  ["ac-3", "AC-3"],
  ["ec-3", "E-AC-3"],
  ["theora", "Theora"],
  ["speex", "Speex"],
  ["dtsc", "DTS"],
  ["mp4v.61", "MPEG-2 video"],
  ["mp4v.6a", "MPEG-1 video"],
  ["mp4v", "MPEG-4 video"],
  ["flv1", "Sorenson H.263"],
  ["mjpeg", "MJPEG"],
];

/** Names of containers. */
const CONTAINERS = new Map([
  ["mpegts", "MPEG-TS"],
  ["h264", "raw H.264"],
  ["hevc", "raw H.265"],
  ["matroska", "Matroska"],
  ["webm", "WebM"],
  ["mp4", "MP4"],
  ["flv", "FLV"],
  ["ogg", "Ogg"],
  ["mp3", "MP3"],
  ["adts", "AAC"],
  ["ac3", "AC-3"],
  ["flac", "FLAC"],
  ["mjpeg", "MJPEG"],
  ["wav", "WAV"],
  ["y4m", "Y4M"],
  ["mpegps", "MPEG-PS"],
  ["mpegvideo", "raw MPEG-2 video"],
  ["m4v", "raw MPEG-4 video"],
  ["av1", "raw AV1"],
  ["ivf", "IVF"],
  ["nut", "NUT"],
  ["dts", "DTS"],
  ["latm", "AAC in LATM"],
  ["mpjpeg", "multipart MJPEG"],
  ["au", "AU"],
  ["aiff", "AIFF"],
  ["caf", "CAF"],
  ["raw", "unknown"],
]);

/**
 * A codec's name, for example `H.264`; an unknown codec's string itself.
 *
 * @param {string} codec RFC 6381 string, for example `avc1.64001f`.
 */
export function codecName(codec) {
  const lower = codec.toLowerCase();
  return CODECS.find(([start]) => lower.startsWith(start))?.[1] ?? codec;
}

/**
 * A container's name.
 *
 * @param {string} container As the server calls it.
 */
export function containerName(container) {
  return CONTAINERS.get(container) ?? container;
}

/**
 * A stream's container and codecs, for example `MPEG-TS: H.264, AAC`.
 *
 * @param {string} container As the server calls it.
 * @param {readonly string[]} codecs RFC 6381 strings.
 */
export function mediaText(container, codecs) {
  const name = containerName(container);
  const names = [...new Set(codecs.map(codecName))].filter((codec) =>
    codec !== name
  );
  return names.length > 0 ? `${name}: ${names.join(", ")}` : name;
}

/**
 * A bit rate, for example `2.4 Mbit/s`.
 *
 * @param {number} bits Bits per second.
 */
export function bitrateText(bits) {
  if (bits >= 999_500) return `${(bits / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bits / 1000)} kbit/s`;
}

/**
 * A number of bytes, for example `3.2 MB`.
 *
 * @param {number} bytes
 */
export function bytesText(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.round(bytes / 1000)} kB`;
}

/**
 * A duration, for example `2 h 5 min`, `3 min 20 s` or `12 s`.
 *
 * @param {number} seconds
 */
export function durationText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${whole % 60} s`;
  return `${whole} s`;
}

/**
 * How far something is behind live, for example `0.3 s` or `1 min 5 s`.
 *
 * @param {number} seconds
 */
export function lagText(seconds) {
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : durationText(seconds);
}

/**
 * How long ago something began, for example `3 min 20 s`.
 *
 * @param {string} since ISO 8601.
 */
export function sinceText(since) {
  return durationText((Date.now() - Date.parse(since)) / 1000);
}

/**
 * How long a channel has been live.
 *
 * @param {string} since Start of the broadcast (ISO 8601).
 */
export function liveText(since) {
  return `live for ${sinceText(since)}`;
}

/**
 * A sentence of a text: with a capital letter and one full stop.
 *
 * @param {string} text
 */
export function sentence(text) {
  return text &&
    `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
