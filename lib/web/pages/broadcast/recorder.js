/**
 * Camera, microphone or screen, and their recording as one endless file.
 *
 * @module
 */

/** Milliseconds per piece: shorter pieces cost more messages without a visible gain. */
const SLICE_MS = 100;

/** Milliseconds between keyframes: the longest time that a new watcher waits for a picture. */
const KEYFRAME_INTERVAL_MS = 2000;

/** Bits per second of the audio: enough for clean stereo in Opus. */
const AUDIO_BITS = 96_000;

/** Frames per second to ask for. */
const FRAME_RATE = 30;

/** Formats in order of preference. Browsers emit WebM with each piece, but MP4 only at keyframes. */
const FORMATS = [
  {
    type: 'video/webm; codecs="vp8,opus"',
    label: "VP8 (low CPU load)",
  },
  { type: 'video/webm; codecs="vp9,opus"', label: "VP9 (better quality)" },
  { type: 'video/mp4; codecs="avc1.42E01F,mp4a.40.2"', label: "H.264 in MP4" },
  { type: "video/mp4", label: "MP4" },
];

/** The formats that this browser can record; MP4 only where there is no WebM. */
export function recordableFormats() {
  if (!("MediaRecorder" in globalThis)) return [];
  const formats = FORMATS.filter(({ type }) =>
    MediaRecorder.isTypeSupported(type)
  );
  const webm = formats.filter(({ type }) => type.startsWith("video/webm"));
  return webm.length > 0 ? webm : formats.slice(0, 1);
}

/**
 * @typedef {object} SourceOptions
 * @property {string} source `camera` or `screen`.
 * @property {boolean} audio
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {string} camera A device's ID; empty for the default.
 * @property {string} microphone A device's ID; empty for the default.
 */

/**
 * Asks the user for camera or screen.
 *
 * @param {SourceOptions} options
 * @returns {Promise<MediaStream>}
 * @throws {DOMException} When it was refused or does not exist.
 */
export function openSource(
  { source, audio, width, height, camera, microphone },
) {
  const video = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: FRAME_RATE },
  };
  if (source === "screen") {
    return navigator.mediaDevices.getDisplayMedia({ video, audio });
  }
  return navigator.mediaDevices.getUserMedia({
    video: camera ? { ...video, deviceId: { exact: camera } } : video,
    audio: audio && (microphone ? { deviceId: { exact: microphone } } : true),
  });
}

/**
 * Why a source could not be opened, in one sentence.
 *
 * @param {unknown} error What the browser threw.
 */
export function sourceErrorText(error) {
  const { name, message } = error instanceof Error ? error : new Error();
  const texts = new Map([
    ["NotAllowedError", "The browser does not have permission to use it."],
    ["NotFoundError", "There is no such device."],
    ["NotReadableError", "Another program is using it."],
    ["OverconstrainedError", "The device does not support this resolution."],
  ]);
  return texts.get(name) ?? `The source cannot be opened: ${message}`;
}

/**
 * Starts a recording, which the recorder's `stop` ends.
 *
 * @param {MediaStream} stream
 * @param {{type: string, bitrate: number}} format MIME type, and bits per second of the video.
 * @param {{onPiece: (piece: Blob) => void, onEnd: () => void}} events
 */
export function startRecorder(stream, { type, bitrate }, { onPiece, onEnd }) {
  const options = {
    mimeType: typeFor(type, stream),
    videoBitsPerSecond: bitrate,
    audioBitsPerSecond: AUDIO_BITS,
    videoKeyFrameIntervalDuration: KEYFRAME_INTERVAL_MS,
  };
  const recorder = new MediaRecorder(stream, options);
  recorder.ondataavailable = ({ data }) => {
    if (data.size > 0) onPiece(data);
  };
  recorder.onstop = onEnd;
  recorder.onerror = onEnd;
  recorder.start(SLICE_MS);
  return recorder;
}

/**
 * The type without its audio codec when there is no audio: a player would wait for the second track.
 *
 * @param {string} type
 * @param {MediaStream} stream
 */
function typeFor(type, stream) {
  return stream.getAudioTracks().length > 0
    ? type
    : type.replace(/,(opus|mp4a[^"]*)/, "");
}
