import { MatroskaRemux } from "../mux/matroska_remux.js";
import { MediaSourcePlayer } from "./media_source_player.js";

/** Plays Matroska by remuxing it into fragmented MP4 for MediaSource. */
export class RemuxPlayer {
  /** Shown in the details. */
  name = "MediaSource, remuxed to MP4";
  #player;
  #remux;
  #onFailure;

  /**
   * @param {HTMLMediaElement} media
   * @param {string} type MIME type of the MP4, with its codecs.
   * @param {(reason: string) => void} onFailure
   */
  constructor(media, type, onFailure) {
    this.#onFailure = onFailure;
    this.#player = new MediaSourcePlayer(media, type, onFailure);
    this.#remux = new MatroskaRemux((bytes) => this.#player.push(bytes));
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    try {
      this.#remux.push(bytes);
    } catch (error) {
      this.#onFailure(/** @type {Error} */ (error).message);
    }
  }

  /** Releases the media element. */
  close() {
    this.#player.close();
  }
}
