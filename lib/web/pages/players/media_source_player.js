/** @import { StreamInfo } from "./choose_player.js" */

import { AppendQueue } from "./append_queue.js";

/** MIME types of containers that carry one kind of stream and take no codecs parameter. */
const BARE_TYPES = new Map([
  ["mp3", "audio/mpeg"],
  ["adts", "audio/aac"],
]);

/** Bytes that may wait until the MediaSource opens, which takes a few milliseconds. */
const MAX_EARLY_BYTES = 32 * 1024 * 1024;

/** @typedef {{ManagedMediaSource?: typeof MediaSource, MediaSource?: typeof MediaSource}} SourceClasses */

/** What this browser has; iPhones have only the managed one. */
const classes = /** @type {SourceClasses} */ (globalThis);
const Source = classes.ManagedMediaSource ?? classes.MediaSource;

/**
 * The MIME type of a stream's SourceBuffer, with the exact codecs where the container has any.
 *
 * @param {Pick<StreamInfo, "container" | "video" | "codecs">} stream
 */
export function sourceType({ container, video, codecs }) {
  const bare = BARE_TYPES.get(container);
  if (bare) return bare;
  const kind = video ? "video" : "audio";
  // Matroska with the codecs of WebM is WebM by another name.
  const subtype = container === "mp4" ? "mp4" : "webm";
  return `${kind}/${subtype}; codecs="${codecs.join(",")}"`;
}

/**
 * Whether the browser's MediaSource accepts a MIME type.
 *
 * @param {string} type
 */
export function acceptsType(type) {
  return Source?.isTypeSupported(type) ?? false;
}

/** Plays what MediaSource accepts as it is: WebM, fragmented MP4, MP3, ADTS. */
export class MediaSourcePlayer {
  /** Shown in the details. */
  name = "MediaSource";
  #media;
  #url;
  /** @type {AppendQueue | undefined} */
  #queue;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #early = [];
  #earlyBytes = 0;
  #onFailure;
  #onError = () =>
    this.#onFailure(
      this.#media.error?.message || "the media could not be decoded",
    );

  /**
   * @param {HTMLMediaElement} media
   * @param {string} type As of `sourceType`.
   * @param {(reason: string) => void} onFailure
   */
  constructor(media, type, onFailure) {
    if (!Source) throw new Error("Cannot play: there is no MediaSource");
    this.#media = media;
    this.#onFailure = onFailure;
    const source = new Source();
    source.addEventListener("sourceopen", () => this.#open(source, type), {
      once: true,
    });
    media.disableRemotePlayback = true; // Otherwise iPhones refuse to open the source.
    media.addEventListener("error", this.#onError);
    this.#url = URL.createObjectURL(source);
    media.src = this.#url;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    if (this.#queue) return this.#queue.push(bytes);
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    if (this.#earlyBytes > MAX_EARLY_BYTES) {
      this.#onFailure("the player did not open");
    }
  }

  /** Releases the media element. */
  close() {
    this.#media.removeEventListener("error", this.#onError);
    this.#queue?.close();
    this.#media.removeAttribute("src");
    this.#media.load();
    URL.revokeObjectURL(this.#url);
  }

  /**
   * @param {MediaSource} source
   * @param {string} type
   */
  #open(source, type) {
    try {
      const buffer = source.addSourceBuffer(type);
      const queue = new AppendQueue(buffer, this.#media, this.#onFailure);
      this.#queue = queue;
      this.#early.forEach((bytes) => queue.push(bytes));
      this.#early = [];
    } catch (error) {
      this.#onFailure(/** @type {Error} */ (error).message);
    }
  }
}
