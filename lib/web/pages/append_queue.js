/**
 * Bytes on their way into a SourceBuffer, which takes one append at a time.
 *
 * @module
 */

/** Bytes that may wait: half a minute at 8 Mbit/s; a decoder that is later than that has stopped. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** Seconds behind the picture that stay buffered, and how many more make a removal worthwhile. */
const KEEP_S = 30;
const TRIM_SLACK_S = 10;

/** Seconds that stay buffered when the browser says that its memory is full. */
const KEEP_WHEN_FULL_S = 3;

/**
 * Joins pieces to one.
 *
 * @param {Uint8Array[]} pieces The pieces.
 * @returns {Uint8Array} Their bytes in order; the piece itself when there is one.
 */
export function join(pieces) {
  if (pieces.length === 1) return pieces[0];
  const joined = new Uint8Array(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** The queue of one SourceBuffer. */
export class AppendQueue {
  #buffer;
  #media;
  #onFailure;
  #waiting = [];
  #waitingBytes = 0;
  #onUpdateEnd = () => this.#step();

  /**
   * @param {SourceBuffer} buffer Where the bytes go.
   * @param {HTMLMediaElement} media What plays it.
   * @param {(why: string) => void} onFailure Told when it takes no more.
   */
  constructor(buffer, media, onFailure) {
    this.#buffer = buffer;
    this.#media = media;
    this.#onFailure = onFailure;
    buffer.addEventListener("updateend", this.#onUpdateEnd);
  }

  /** Takes the next bytes. */
  push(bytes) {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      return this.#onFailure("the decoder has stopped");
    }
    this.#step();
  }

  /** Lets go of the buffer. */
  close() {
    this.#buffer.removeEventListener("updateend", this.#onUpdateEnd);
    this.#waiting = [];
  }

  #step() {
    if (this.#buffer.updating || this.#trim(KEEP_S, TRIM_SLACK_S)) return;
    if (this.#waiting.length === 0) return;
    const bytes = join(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#append(bytes);
  }

  #append(bytes) {
    try {
      this.#buffer.appendBuffer(bytes);
    } catch (error) {
      const isFull = error.name === "QuotaExceededError";
      if (!isFull || !this.#trim(KEEP_WHEN_FULL_S, 0)) {
        return this.#onFailure(error.message);
      }
      this.#waiting.unshift(bytes);
      this.#waitingBytes += bytes.length;
    }
  }

  /** Removes what was shown long ago; tells whether there was anything to remove. */
  #trim(keep, slack) {
    const { buffered } = this.#buffer;
    const border = this.#media.currentTime - keep;
    if (
      buffered.length === 0 || buffered.start(0) > border - slack || border <= 0
    ) return false;
    this.#buffer.remove(0, border);
    return true;
  }
}
