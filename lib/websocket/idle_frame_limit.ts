import { CLOSE } from "./close_codes.ts";
import { WebSocketError } from "./websocket_error.ts";

/**
 * Frames without data that may come in a row: pings, pongs, empty fragments, empty messages.
 * Libraries end each message with an empty fragment or send unsolicited pongs; none sends a
 * thousand of them between two bytes of data.
 */
export const MAX_IDLE_FRAMES = 1024;

/**
 * Frames without data per second that are tolerated for as long as the connection lives: a watcher
 * sends nothing but pongs for hours, and sends one in a few seconds.
 */
export const IDLE_FRAMES_PER_SECOND = 16;

/** Bounds a flood of frames that carry no data, which costs the server more than the peer. */
export class IdleFrameLimit {
  readonly #now: () => number;
  #count = 0;
  #since: number;

  /** Takes a clock in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#since = now();
  }

  /**
   * Counts a frame without data.
   *
   * @throws {WebSocketError} 1008 when there were too many.
   */
  count(): void {
    this.#count++;
    if (this.#count <= MAX_IDLE_FRAMES) return;
    // The clock is read only here, so that an ordinary frame does not pay for it.
    const now = this.#now();
    const seconds = (now - this.#since) / 1000;
    this.#since = now;
    this.#count = Math.max(0, this.#count - seconds * IDLE_FRAMES_PER_SECOND);
    if (this.#count <= MAX_IDLE_FRAMES) return;
    throw new WebSocketError(
      CLOSE.policyViolation,
      `more than ${MAX_IDLE_FRAMES} frames without data`,
    );
  }

  /** Forgets the frames so far: data has arrived. */
  reset(): void {
    this.#count = 0;
  }
}
