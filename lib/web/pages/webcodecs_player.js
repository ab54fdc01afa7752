/**
 * Plays raw H.264 by WebCodecs on a canvas: no container, no clock, no sound, and no delay.
 *
 * @module
 */

import { AccessUnits } from "./access_units.js";

/** Access units that may wait in the decoder; behind them all are dropped up to a key picture. */
const MAX_QUEUED_UNITS = 30;

/**
 * Whether this browser has WebCodecs here.
 *
 * @returns {boolean} False in pages that came over plain http, too.
 */
export function hasWebCodecs() {
  return "VideoDecoder" in globalThis;
}

/** One stream on one canvas. */
export class WebCodecsPlayer {
  /** How it plays, for the details. */
  name = "WebCodecs";
  #canvas;
  #context;
  #decoder;
  #units = new AccessUnits((unit) => this.#decode(unit));
  #needsKey = true;
  #count = 0;

  /**
   * @param {HTMLCanvasElement} canvas What shows it.
   * @param {string} codec RFC 6381 string, for example `avc1.42c01f`.
   * @param {{onPicture: () => void, onFailure: (why: string) => void}} events Told of each picture, and
   *   when it cannot go on.
   */
  constructor(canvas, codec, { onPicture, onFailure }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#decoder = new VideoDecoder({
      output: (frame) => {
        this.#draw(frame);
        onPicture();
      },
      error: (error) => onFailure(error.message),
    });
    // Without a description the decoder takes Annex B (WebCodecs AVC registration, section 3).
    this.#decoder.configure({ codec, optimizeForLatency: true });
  }

  /**
   * Takes the next bytes.
   *
   * @param {Uint8Array} bytes Bytes of the stream.
   */
  push(bytes) {
    this.#units.push(bytes);
  }

  /** Lets go of the canvas. */
  close() {
    if (this.#decoder.state !== "closed") this.#decoder.close();
  }

  #decode({ bytes, isKey }) {
    if (this.#decoder.state !== "configured") return;
    if (this.#decoder.decodeQueueSize > MAX_QUEUED_UNITS) this.#needsKey = true;
    if (this.#needsKey && !isKey) return;
    this.#needsKey = false;
    const type = isKey ? "key" : "delta";
    // The stream has no clock; what counts is the order.
    this.#decoder.decode(
      new EncodedVideoChunk({ type, timestamp: this.#count++, data: bytes }),
    );
  }

  #draw(frame) {
    const { displayWidth, displayHeight } = frame;
    if (this.#canvas.width !== displayWidth) this.#canvas.width = displayWidth;
    if (this.#canvas.height !== displayHeight) {
      this.#canvas.height = displayHeight;
    }
    this.#context.drawImage(frame, 0, 0);
    frame.close();
  }
}
