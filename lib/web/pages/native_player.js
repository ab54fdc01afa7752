/**
 * Plays a channel's plain address: what the browser knows as a file and MediaSource refuses (Ogg).
 *
 * @module
 */

/** One channel on one media element. */
export class NativePlayer {
  /** How it plays, for the details. */
  name = "the browser's own";
  #media;
  #onEnd;

  /**
   * @param {HTMLMediaElement} media What plays it.
   * @param {string} url The channel's media.
   * @param {() => void} onEnd Told when it is over, well or not.
   */
  constructor(media, url, onEnd) {
    this.#media = media;
    this.#onEnd = onEnd;
    media.addEventListener("ended", onEnd);
    media.addEventListener("error", onEnd);
    media.src = url;
  }

  /** Bytes come another way here. */
  push() {}

  /** Lets go of the element. */
  close() {
    this.#media.removeEventListener("ended", this.#onEnd);
    this.#media.removeEventListener("error", this.#onEnd);
    this.#media.removeAttribute("src");
    this.#media.load();
  }
}
