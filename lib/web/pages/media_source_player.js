/**
 * Plays what the browser's MediaSource takes as it comes: WebM, fragmented MP4, MP3, ADTS.
 *
 * @module
 */

import { AppendQueue } from "./append_queue.js";

/** MIME types of containers that carry one kind of stream and take no codecs string. */
const BARE = new Map([
  ["mp3", "audio/mpeg"],
  ["adts", "audio/aac"],
]);

/** Bytes that wait for the MediaSource to open, which takes a few milliseconds. */
const MAX_EARLY_BYTES = 32 * 1024 * 1024;

/** MediaSource, or what iPhones have in its place. */
const Source = globalThis.ManagedMediaSource ?? globalThis.MediaSource;

/**
 * The type that a SourceBuffer is asked for.
 *
 * @param {import("./watch_session.js").StreamInfo} stream The stream.
 * @returns {string} With the exact codecs where the container has any.
 */
export function sourceType({ container, video, codecs }) {
  const bare = BARE.get(container);
  if (bare) return bare;
  const kind = video ? "video" : "audio";
  // A Matroska file that holds what WebM may hold is WebM by another name.
  const subtype = container === "mp4" ? "mp4" : "webm";
  return `${kind}/${subtype}; codecs="${codecs.join(",")}"`;
}

/**
 * Whether this browser plays such a stream.
 *
 * @param {string} type As of `sourceType`.
 * @returns {boolean} What the browser says.
 */
export function takesType(type) {
  return Source?.isTypeSupported(type) ?? false;
}

/** One stream on one media element. */
export class MediaSourcePlayer {
  /** How it plays, for the details. */
  name = "MediaSource";
  #media;
  #url;
  #queue;
  #early = [];
  #earlyBytes = 0;
  #onFailure;
  #onError = () =>
    this.#onFailure(
      this.#media.error?.message || "the media could not be decoded",
    );

  /**
   * @param {HTMLMediaElement} media What plays it.
   * @param {string} type As of `sourceType`.
   * @param {(why: string) => void} onFailure Told when it cannot go on.
   */
  constructor(media, type, onFailure) {
    this.#media = media;
    this.#onFailure = onFailure;
    const source = new Source();
    source.addEventListener("sourceopen", () => this.#opened(source, type), {
      once: true,
    });
    media.disableRemotePlayback = true; // Without it iPhones refuse to open the source.
    media.addEventListener("error", this.#onError);
    this.#url = URL.createObjectURL(source);
    media.src = this.#url;
  }

  /**
   * Takes the next bytes.
   *
   * @param {Uint8Array} bytes Bytes of the stream.
   */
  push(bytes) {
    if (this.#queue) return this.#queue.push(bytes);
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) {
      this.#onFailure("the player did not open");
    }
  }

  /** Lets go of the element. */
  close() {
    this.#media.removeEventListener("error", this.#onError);
    this.#queue?.close();
    this.#media.removeAttribute("src");
    this.#media.load();
    URL.revokeObjectURL(this.#url);
  }

  #opened(source, type) {
    try {
      const buffer = source.addSourceBuffer(type);
      this.#queue = new AppendQueue(buffer, this.#media, this.#onFailure);
      this.#early.forEach((bytes) => this.#queue.push(bytes));
      this.#early = [];
    } catch (error) {
      this.#onFailure(error.message);
    }
  }
}
