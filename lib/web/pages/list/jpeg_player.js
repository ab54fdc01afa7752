/**
 * Takes the first image out of a stream of JPEG images.
 *
 * @module
 */

import { joinBytes } from "../mux/join_bytes.js";

/** Markers (ITU-T T.81, table B.1); each comes behind a byte FF. */
const MARKER = {
  TEM: 0x01,
  RST0: 0xd0,
  RST7: 0xd7,
  SOI: 0xd8,
  EOI: 0xd9,
  SOS: 0xda,
};

/** Finds the first whole image in chunks of any length, whatever stands before it. */
export class JpegFinder {
  /** @type {Uint8Array<ArrayBuffer>} */
  #bytes = new Uint8Array(0);

  /**
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns The image, once it is whole.
   */
  push(bytes) {
    this.#bytes = joinBytes([this.#bytes, bytes]);
    for (let start = 0;; start++) {
      start = startOf(this.#bytes, start);
      if (start < 0) return undefined;
      const end = endOf(this.#bytes, start);
      if (end !== "malformed") {
        return end && this.#bytes.subarray(start, end);
      }
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} from
 * @returns Where the next image begins; -1 for nowhere.
 */
function startOf(bytes, from) {
  for (let at = bytes.indexOf(0xff, from); at >= 0;) {
    if (bytes[at + 1] === MARKER.SOI) return at;
    at = bytes.indexOf(0xff, at + 1);
  }
  return -1;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start Where an image begins.
 * @returns {number | "malformed" | undefined} Where it ends; `undefined` while that is not known.
 */
function endOf(bytes, start) {
  for (let at = start + 2; at + 2 <= bytes.length;) {
    const [prefix, marker = 0, high = 0, low = 0] = bytes.subarray(at, at + 4);
    if (prefix !== 0xff || marker === MARKER.SOI) return "malformed";
    if (marker === MARKER.EOI) return at + 2;
    if (at + 4 > bytes.length) return undefined;
    if (marker === 0xff) at += 1; // A fill byte.
    else if (isAlone(marker)) at += 2;
    else {
      at += 2 + high * 256 + low;
      if (marker === MARKER.SOS) at = nextMarker(bytes, at);
    }
  }
  return undefined;
}

/** @param {number} marker */
function isAlone(marker) {
  return marker === MARKER.TEM ||
    (marker >= MARKER.RST0 && marker <= MARKER.RST7);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} from Within coded data, where FF 00 stands for a byte FF.
 * @returns Where the next marker is that ends the data; behind all bytes while there is none.
 */
function nextMarker(bytes, from) {
  for (let at = bytes.indexOf(0xff, from); at >= 0;) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && !isAlone(next)) return at;
    at = bytes.indexOf(0xff, at + 1);
  }
  return bytes.length;
}

/** Decodes the first image of what it is given. */
export class JpegPlayer {
  /** How it plays. */
  name = "JPEG";
  #finder = new JpegFinder();
  #onImage;
  #onFailure;
  #isDone = false;

  /**
   * @param {(image: ImageBitmap) => void} onImage
   * @param {(reason: string) => void} onFailure
   */
  constructor(onImage, onFailure) {
    this.#onImage = onImage;
    this.#onFailure = onFailure;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    if (this.#isDone) return;
    const jpeg = this.#finder.push(bytes);
    if (!jpeg) return;
    this.#isDone = true;
    createImageBitmap(new Blob([jpeg], { type: "image/jpeg" })).then(
      this.#onImage,
      ({ message }) => this.#onFailure(message),
    );
  }

  /** Does nothing: an image that is being decoded is small. */
  close() {}
}
