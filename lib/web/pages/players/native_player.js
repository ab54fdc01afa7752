/** Plays a channel's HTTP address, for formats that browsers play but MediaSource refuses (Ogg). */
export class NativePlayer {
  /** Shown in the details. */
  name = "Browser";
  #media;
  #onEnd;
  #onError;

  /**
   * @param {HTMLMediaElement} media
   * @param {string} url The channel's media.
   * @param {{onEnd: () => void, onFailure: (reason: string) => void}} events
   */
  constructor(media, url, { onEnd, onFailure }) {
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
