/**
 * Plays Matroska by turning it into fragmented MP4 on the way into MediaSource.
 *
 * @module
 */

import { MatroskaRemux } from "./matroska_remux.js";
import { MediaSourcePlayer } from "./media_source_player.js";

/** One stream on one media element. */
export class RemuxPlayer {
  /** How it plays, for the details. */
  name = "MediaSource, as MP4";
  #player;
  #remux;
  #onFailure;

  /**
   * @param {HTMLMediaElement} media What plays it.
   * @param {string} type The type of what comes out, with its codecs.
   * @param {(why: string) => void} onFailure Told when it cannot go on.
   */
  constructor(media, type, onFailure) {
    this.#onFailure = onFailure;
    this.#player = new MediaSourcePlayer(media, type, onFailure);
    this.#remux = new MatroskaRemux((bytes) => this.#player.push(bytes));
  }

  /**
   * Takes the next bytes.
   *
   * @param {Uint8Array} bytes Bytes of the stream.
   */
  push(bytes) {
    try {
      this.#remux.push(bytes);
    } catch (error) {
      this.#onFailure(error.message);
    }
  }

  /** Lets go of the element. */
  close() {
    this.#player.close();
  }
}
