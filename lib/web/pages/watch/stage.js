/**
 * The area that shows the media: its shape, and what of video, canvas and audio symbol is visible.
 *
 * @module
 */

/** @import { StreamInfo } from "../players/choose_player.js" */

import { byId } from "../ui/dom.js";

/** Aspect ratios between which the stage follows the video; beyond them it gets bars. */
const MIN_RATIO = 1;
const MAX_RATIO = 2.4;

/** Whether a stream is raw H.264, which has no clock and no sound and plays on the canvas. */
export function isRaw(/** @type {StreamInfo} */ { container }) {
  return container === "h264";
}

/**
 * Fits the stage to a stream.
 *
 * @param {StreamInfo} stream
 * @returns Whether the stream has a picture.
 */
export function fitStage(stream) {
  const video = byId("video", HTMLVideoElement);
  const canvas = byId("canvas", HTMLCanvasElement);
  const raw = isRaw(stream);
  // Video may turn up in a stream whose beginning did not announce it.
  const hasPicture = Boolean(stream.video) || video.videoWidth > 0;
  byId("player").dataset.audio = String(!hasPicture);
  byId("audio").hidden = hasPicture;
  canvas.hidden = !raw;
  video.hidden = raw;
  const width = video.videoWidth || stream.width || 0;
  const height = video.videoHeight || stream.height || 0;
  if (hasPicture && width > 0 && height > 0) setRatio(width / height);
  return hasPicture;
}

/** @param {number} ratio */
function setRatio(ratio) {
  const fitted = Math.min(MAX_RATIO, Math.max(MIN_RATIO, ratio));
  document.documentElement.style.setProperty("--ratio", fitted.toFixed(4));
}
