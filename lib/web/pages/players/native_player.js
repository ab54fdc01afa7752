/** Plays an HTTP address, for what browsers play but MediaSource refuses: Ogg, and HLS. */
export class NativePlayer {
  /** Shown in the details. */
  name;
  /** The browser fetches the media itself. */
  isNative = true;
  #media;
  #onEnd;
  #onError;

  /**
   * @param {HTMLMediaElement} media
   * @param {string} url Of the channel's media, or its playlist.
   * @param {{onEnd: () => void, onFailure: (reason: string) => void}} events
   * @param {string} [name]
   */
  constructor(media, url, { onEnd, onFailure }, name = "Browser") {
    this.name = name;
    this.#media = media;
    this.#onEnd = onEnd;
    this.#onError = () =>
      onFailure(media.error?.message || "the media could not be decoded");
    media.addEventListener("ended", onEnd);
    media.addEventListener("error", this.#onError);
    media.src = url;
  }

  /** Does nothing: the browser fetches the media itself. */
  push() {}

  /** Releases the media element. */
  close() {
    this.#media.removeEventListener("ended", this.#onEnd);
    this.#media.removeEventListener("error", this.#onError);
    this.#media.removeAttribute("src");
    this.#media.load();
  }
}
