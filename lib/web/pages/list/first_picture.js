/**
 * Takes one picture of a channel: watches it from its join point on, with the player that would play it, until the
 * first frame is decoded.
 *
 * @module
 */

/** @import { Player, StreamInfo } from "../players/choose_player.js" */

import { choosePlayer } from "../players/choose_player.js";
import { hasWebCodecs } from "../players/webcodecs_player.js";
import { socketUrl } from "../ui/channel_path.js";
import { make } from "../ui/dom.js";
import { JpegPlayer } from "./jpeg_player.js";

/** Bytes that are read of a channel at most: the key frames of 4K video are below a quarter of it. */
const MAX_BYTES = 2 * 1024 * 1024;

/** Milliseconds until a channel that shows nothing is given up; MP4 may have to wait for its fragment. */
const MAX_MS = 6000;

/** Milliseconds between two looks at the player. */
const LOOK_MS = 50;

/** Seconds behind the start of what is buffered at which the picture is taken: times are rounded. */
const INSIDE_S = 0.01;

/** Pixels of a picture's longer side: as wide as a card, on a fine screen too. */
const SIDE = 480;

/** How much a JPEG keeps: some 20 KB a picture. */
const QUALITY = 0.8;

/** Containers of images that are decoded without a player. */
const JPEGS = new Set(["mjpeg", "mpjpeg"]);

/** Containers of which a player here decodes single frames from bytes that it is given. */
const CONTAINERS = new Set([
  ...["webm", "matroska", "mp4", "mpegts", "flv"],
  ...(hasWebCodecs() ? ["h264"] : []),
]);

/**
 * Whether a picture of what a channel carries can be taken, as far as the container tells.
 *
 * @param {{video?: boolean, container?: string | null}} info
 */
export function hasPicture({ video, container }) {
  const name = container ?? "";
  return video === true && (CONTAINERS.has(name) || JPEGS.has(name));
}

/**
 * Takes one picture of an open channel.
 *
 * @param {string} path The channel's.
 * @param {AbortSignal} signal Gives it up.
 * @returns {Promise<string>} A `data:` address of a JPEG.
 * @throws {Error} When there is no picture, or it was given up.
 */
export async function firstPicture(path, signal) {
  const shot = new Shot(path);
  const given = AbortSignal.any([signal, AbortSignal.timeout(MAX_MS)]);
  given.addEventListener("abort", () => shot.fail("given up"));
  try {
    given.throwIfAborted();
    return await shot.taken;
  } finally {
    shot.close();
  }
}

/** A short watch of a channel. */
class Shot {
  #video = quietVideo();
  #canvas = make("canvas");
  #socket;
  #timer;
  /** @type {Player | undefined} */
  #player;
  #received = 0;
  /** @type {PromiseWithResolvers<string>} */
  #result = Promise.withResolvers();

  /** @param {string} path The channel's. */
  constructor(path) {
    this.#socket = new WebSocket(socketUrl(path, location));
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () =>
      this.#socket.send('{"verb":"watch","start":"join","burst":0}');
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = () => this.#closed();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** The picture. */
  get taken() {
    return this.#result.promise;
  }

  /** @param {string} why */
  fail(why) {
    this.#result.reject(new Error(why));
  }

  /** Releases the connection and the decoder. */
  close() {
    clearInterval(this.#timer);
    this.#disconnect();
    this.#player?.close();
    this.#player = undefined;
  }

  #disconnect() {
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close(1000);
  }

  #closed() {
    // What has arrived may be enough.
    if (this.#received === 0) this.fail("the server sends nothing");
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    if (typeof data === "string") return this.#receiveText(JSON.parse(data));
    this.#received += data.byteLength;
    this.#player?.push(new Uint8Array(data));
    if (this.#received >= MAX_BYTES) this.#disconnect();
  }

  /** @param {{type: string} & StreamInfo} message */
  #receiveText(message) {
    if (message.type !== "stream") return;
    if (this.#player) return this.fail("another stream has begun");
    try {
      this.#player = this.#choose(message);
    } catch (error) {
      this.fail(/** @type {Error} */ (error).message);
    }
  }

  /** @param {StreamInfo} stream */
  #choose(stream) {
    if (!hasPicture(stream)) throw new Error("there is no picture");
    const onFailure = (/** @type {string} */ reason) => this.fail(reason);
    if (JPEGS.has(stream.container)) {
      return new JpegPlayer(
        (image) => this.#take(image, image.width, image.height),
        onFailure,
      );
    }
    return choosePlayer(stream, {
      video: this.#video,
      canvas: this.#canvas,
      mediaUrl: "", // Of no use to a player that is given bytes.
      onFrame: () =>
        this.#take(this.#canvas, this.#canvas.width, this.#canvas.height),
      onFailure,
      onEnd: () => this.fail("the stream has ended"),
    });
  }

  /** Enters what is buffered, which need not begin at 0, and takes the frame once it is decoded. */
  #look() {
    const { buffered, currentTime, readyState, seeking, videoWidth } =
      this.#video;
    if (buffered.length === 0 || seeking) return;
    const start = buffered.start(0);
    if (currentTime < start) this.#video.currentTime = start + INSIDE_S;
    else if (
      readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && videoWidth > 0
    ) {
      this.#take(this.#video, videoWidth, this.#video.videoHeight);
    }
  }

  /**
   * @param {CanvasImageSource} source
   * @param {number} width
   * @param {number} height
   */
  #take(source, width, height) {
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const canvas = make("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    const context = canvas.getContext("2d");
    context?.drawImage(source, 0, 0, canvas.width, canvas.height);
    this.#result.resolve(canvas.toDataURL("image/jpeg", QUALITY));
  }
}

/** A video that is neither shown nor heard. */
function quietVideo() {
  const video = make("video");
  video.muted = video.playsInline = true;
  video.preload = "auto";
  return video;
}
