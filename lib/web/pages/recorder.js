/**
 * Camera, microphone or screen, and their recording as one endless file.
 *
 * @module
 */

/** Milliseconds to a piece: shorter ones cost more messages and win nothing that is seen. */
const SLICE_MS = 100;

/** Milliseconds between key pictures: what a viewer who joins waits for at most. */
const KEY_INTERVAL_MS = 2000;

/** Bits per second of the sound: Opus is clean in stereo from here on. */
const SOUND_BITS = 96_000;

/** Pictures per second that are asked for. */
const FRAME_RATE = 30;

/** How recordings may be coded, the best first. WebM is flushed at each piece, MP4 only at key pictures. */
const CODINGS = [
  {
    type: 'video/webm; codecs="vp8,opus"',
    label: "VP8, light on this computer",
  },
  { type: 'video/webm; codecs="vp9,opus"', label: "VP9, better picture" },
  { type: 'video/mp4; codecs="avc1.42E01F,mp4a.40.2"', label: "H.264 in MP4" },
  { type: "video/mp4", label: "MP4" },
];

/**
 * The codings that this browser can record.
 *
 * @returns {{type: string, label: string}[]} The best first; MP4 only where there is no WebM.
 */
export function codings() {
  const has = CODINGS.filter(({ type }) =>
    globalThis.MediaRecorder?.isTypeSupported(type)
  );
  const webm = has.filter(({ type }) => type.startsWith("video/webm"));
  return webm.length > 0 ? webm : has.slice(0, 1);
}

/**
 * @typedef {object} SourceWish
 * @property {"camera" | "screen"} source
 * @property {boolean} sound
 * @property {number} width Pixels.
 * @property {number} height Pixels.
 * @property {string} [camera] A device's id.
 * @property {string} [microphone] A device's id.
 */

/**
 * Asks the viewer for camera or screen.
 *
 * @param {SourceWish} wish What is wanted.
 * @returns {Promise<MediaStream>} What was given.
 * @throws {DOMException} When it was refused, or there is none.
 */
export function openSource(
  { source, sound, width, height, camera, microphone },
) {
  const size = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: FRAME_RATE },
  };
  if (source === "screen") {
    return navigator.mediaDevices.getDisplayMedia({
      video: size,
      audio: sound,
    });
  }
  return navigator.mediaDevices.getUserMedia({
    video: camera ? { ...size, deviceId: { exact: camera } } : size,
    audio: sound && (microphone ? { deviceId: { exact: microphone } } : true),
  });
}

/**
 * Why a source was not given, in plain words.
 *
 * @param {Error} error What the browser threw.
 * @returns {string} One sentence.
 */
export function sourceTrouble(error) {
  const words = new Map([
    ["NotAllowedError", "The browser was not allowed to use it."],
    ["NotFoundError", "There is no such device."],
    ["NotReadableError", "Another program is using it."],
    ["OverconstrainedError", "The device cannot do that size."],
  ]);
  return words.get(error.name) ??
    `The source cannot be opened: ${error.message}`;
}

/**
 * Starts a recording.
 *
 * @param {MediaStream} stream What to record.
 * @param {{type: string, bitrate: number}} coding MIME type, and bits per second of the picture.
 * @param {{onPiece: (piece: Blob) => void, onEnd: () => void}} events Told of each piece in order,
 *   and when there will be no more.
 * @returns {MediaRecorder} The recorder; `stop` ends it.
 */
export function startRecorder(stream, { type, bitrate }, { onPiece, onEnd }) {
  const recorder = new MediaRecorder(stream, {
    mimeType: typeFor(type, stream),
    videoBitsPerSecond: bitrate,
    audioBitsPerSecond: SOUND_BITS,
    videoKeyFrameIntervalDuration: KEY_INTERVAL_MS,
  });
  recorder.ondataavailable = ({ data }) => data.size > 0 && onPiece(data);
  recorder.onstop = onEnd;
  recorder.onerror = onEnd;
  recorder.start(SLICE_MS);
  return recorder;
}

/** The type without its sound codec when there is no sound: a promise of two tracks would be broken. */
function typeFor(type, stream) {
  return stream.getAudioTracks().length > 0
    ? type
    : type.replace(/,(opus|mp4a[^"]*)/, "");
}
