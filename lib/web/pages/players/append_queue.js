import { joinBytes } from "../mux/join_bytes.js";

/** Bytes that may wait: half a minute at 8 Mbit/s. A decoder that is later than that has stopped. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** Seconds behind the current position that stay buffered. */
const KEEP_S = 30;

/** Further seconds that make a removal worth its cost. */
const TRIM_SLACK_S = 10;

/** Seconds that stay buffered when the browser reports that its buffer is full. */
const KEEP_WHEN_FULL_S = 3;

/** Feeds a SourceBuffer, which takes one append at a time, and removes what was played long ago. */
export class AppendQueue {
  #buffer;
  #media;
  #onFailure;
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #waiting = [];
  #waitingBytes = 0;
  #onUpdateEnd = () => this.#step();

  /**
   * @param {SourceBuffer} buffer
   * @param {HTMLMediaElement} media The element that plays it.
   * @param {(reason: string) => void} onFailure Called when the buffer accepts no more.
   */
  constructor(buffer, media, onFailure) {
    this.#buffer = buffer;
    this.#media = media;
    this.#onFailure = onFailure;
    buffer.addEventListener("updateend", this.#onUpdateEnd);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#onFailure("the decoder has stopped");
    } else {
      this.#step();
    }
  }

  /** Stops feeding the buffer. */
  close() {
    this.#buffer.removeEventListener("updateend", this.#onUpdateEnd);
    this.#waiting = [];
  }

  #step() {
    if (this.#buffer.updating || this.#trim(KEEP_S, TRIM_SLACK_S)) return;
    if (this.#waiting.length === 0) return;
    const bytes = joinBytes(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#append(bytes);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  #append(bytes) {
    try {
      this.#buffer.appendBuffer(bytes);
    } catch (error) {
      const { name, message } = /** @type {DOMException} */ (error);
      if (name !== "QuotaExceededError" || !this.#trim(KEEP_WHEN_FULL_S, 0)) {
        return this.#onFailure(message);
      }
      this.#waiting.unshift(bytes);
      this.#waitingBytes += bytes.length;
    }
  }

  /**
   * Removes media that was played long ago.
   *
   * @param {number} keep Seconds.
   * @param {number} slack Seconds.
   * @returns Whether there was anything to remove.
   */
  #trim(keep, slack) {
    const { buffered } = this.#buffer;
    const end = this.#media.currentTime - keep;
    if (buffered.length === 0 || buffered.start(0) > end - slack || end <= 0) {
      return false;
    }
    this.#buffer.remove(0, end);
    return true;
  }
}
