/**
 * Numbers and names as people read them.
 *
 * @module
 */

/** Names of codecs by the beginning of their RFC 6381 string; the first that fits counts. */
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
  ["raw", "unknown"],
]);

/**
 * A codec's name.
 *
 * @param {string} codec RFC 6381 string, for example `avc1.64001f`.
 * @returns {string} For example `H.264`; the string itself when it is not known.
 */
export function codecName(codec) {
  const lower = codec.toLowerCase();
  return CODECS.find(([start]) => lower.startsWith(start))?.[1] ?? codec;
}

/**
 * A container's name.
 *
 * @param {string} container As the server calls it.
 * @returns {string} As people call it.
 */
export function containerName(container) {
  return CONTAINERS.get(container) ?? container;
}

/**
 * What a stream is made of.
 *
 * @param {string} container As the server calls it.
 * @param {readonly string[]} codecs RFC 6381 strings.
 * @returns {string} For example `MPEG-TS: H.264, AAC`.
 */
export function mediaText(container, codecs) {
  const name = containerName(container);
  const names = [...new Set(codecs.map(codecName))].filter((codec) =>
    codec !== name
  );
  return names.length > 0 ? `${name}: ${names.join(", ")}` : name;
}

/**
 * A bit rate.
 *
 * @param {number} bits Bits per second.
 * @returns {string} For example `2.4 Mbit/s`.
 */
export function bitrateText(bits) {
  if (bits >= 999_500) return `${(bits / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(bits / 1000)} kbit/s`;
}

/**
 * An amount of bytes.
 *
 * @param {number} bytes Bytes.
 * @returns {string} For example `3.2 MB`.
 */
export function bytesText(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(2)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.round(bytes / 1000)} kB`;
}

/**
 * A length of time.
 *
 * @param {number} seconds Seconds.
 * @returns {string} For example `2 h 5 min`, `3 min 20 s`, `12 s`.
 */
export function durationText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [days, hours] = [
    Math.floor(whole / 86400),
    Math.floor(whole / 3600) % 24,
  ];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${rest} s`;
  return `${rest} s`;
}

/**
 * A number with its noun.
 *
 * @param {number} count How many.
 * @param {string} one The noun for one of them.
 * @param {string} many The noun for more.
 * @returns {string} For example `3 watching`.
 */
export function countText(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}
