import { AccessUnits } from "../mux/access_units.js";

/** @import { AccessUnit } from "../mux/access_units.js" */

/** Access units that may wait in the decoder; when more wait, all are dropped up to the next keyframe. */
const MAX_QUEUED_UNITS = 30;

/** Whether WebCodecs is available; pages that came over plain http do not have it. */
export function hasWebCodecs() {
  return "VideoDecoder" in globalThis;
}

/** Plays raw H.264 by WebCodecs on a canvas, without clock or sound. */
export class WebCodecsPlayer {
  /** Shown in the details. */
  name = "WebCodecs";
  #canvas;
  #context;
  #decoder;
  #units = new AccessUnits((unit) => this.#decode(unit));
  #needsKeyframe = true;
  #count = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} codec RFC 6381 string, for example `avc1.42c01f`.
   * @param {{onFrame: () => void, onFailure: (reason: string) => void}} events
   */
  constructor(canvas, codec, { onFrame, onFailure }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#draw(frame);
        onFrame();
      },
      error: (error) => onFailure(error.message),
    });
    // Without a description the decoder expects Annex B (WebCodecs AVC registration, section 3).
    this.#decoder.configure({ codec, optimizeForLatency: true });
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#units.push(bytes);
  }

  /** Releases the decoder. */
  close() {
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }

  /** @param {AccessUnit} unit */
  #decode({ bytes, isKey }) {
    if (this.#decoder.state !== "configured") return;
    if (this.#decoder.decodeQueueSize > MAX_QUEUED_UNITS) {
      this.#needsKeyframe = true;
    }
    if (this.#needsKeyframe && !isKey) return;
    this.#needsKeyframe = false;
    const type = isKey ? "key" : "delta";
    // The stream has no clock; only the order matters.
    const timestamp = this.#count++;
    this.#decoder.decode(
      new EncodedVideoChunk({ type, timestamp, data: bytes }),
    );
  }

  /** @param {VideoFrame} frame */
  #draw(frame) {
    const { displayWidth, displayHeight } = frame;
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth;
    if (this.#canvas.height !== displayHeight) {
      this.#canvas.height = displayHeight;
    }
    this.#context?.drawImage(frame, 0, 0);
    frame.close();
  }
}
