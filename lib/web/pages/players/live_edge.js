/**
 * Keeps a media element close to the newest media that has arrived, without stalls.
 *
 * The amount buffered at one moment rises and falls with every fragment, and chasing it stalls. So the
 * controller follows the smallest amount that was buffered during a window of time.
 *
 * @module
 */

import { GapMeter } from "./gap_meter.js";

/** Milliseconds between two ticks. */
export const TICK_MS = 100;

/** Length of the window in seconds, at least; long gaps between arrivals extend it. */
const MIN_WINDOW_S = 2;

/** Gaps per window: two arrivals and some spare time. */
const WINDOW_GAPS = 2.2;

/** Seconds of media that stay buffered. */
const BASE_MARGIN_S = 0.2;

/** Seconds that a stall adds to the margin, and its maximum. */
const STALL_MARGIN_S = 0.2;
const MAX_MARGIN_S = 1.5;

/** Seconds by which the margin shrinks per second: one stall is forgotten after 40 s. */
const MARGIN_DECAY = 0.005;

/** Seconds of playback before the first jump, so that the first frame appears at once. */
const FIRST_JUMP_S = 0.3;

/**
 * Seconds too late from which a jump is better than playing faster, which would take ten seconds. The
 * threshold is lower right after the start, when the gap that the server reported may be outdated and a
 * jump is not noticed.
 */
const JUMP_S = 1;
const FIRST_SECONDS_JUMP_S = 0.5;

/** Seconds of playback that count as right after the start. */
const FIRST_SECONDS_S = 10;

/** Seconds too late from which playback is faster, and too early from which it is slower. */
const FASTER_S = 0.1;
const SLOWER_S = -0.12;

/** Highest playback rate: above it speech sounds hurried. */
const MAX_RATE = 1.15;

/** Milliseconds after a seek in which a stall is caused by the seek. */
const SEEK_GRACE_MS = 500;

/** Controls the position and the playback rate of one media element. */
export class LiveEdge {
  #media;
  #gap;
  #now;
  #margin = BASE_MARGIN_S;
  /** @type {{at: number, ahead: number}[]} */
  #samples = [];
  #playingSince = -1;
  #hasJumped = false;
  #seekAt = -Infinity;
  #lastTick = -1;
  #timer = 0;
  #onWaiting = () => this.stalled();
  #onVisible = () => {
    if (!document.hidden) this.goLive();
  };

  /**
   * @param {HTMLMediaElement} media
   * @param {{gap: number, now?: () => number}} options The gap that the server reports in seconds, and a
   *   clock in milliseconds.
   */
  constructor(media, { gap, now = () => performance.now() }) {
    this.#media = media;
    this.#now = () => now() / 1000;
    this.#gap = new GapMeter(gap, this.#now(), TICK_MS / 1000);
  }

  /** Starts to control the element. */
  start() {
    this.#media.addEventListener("waiting", this.#onWaiting);
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Stops; the element continues at normal speed. */
  stop() {
    clearInterval(this.#timer);
    this.#media.removeEventListener("waiting", this.#onWaiting);
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.#media.playbackRate = 1;
  }

  /** Seconds between the current position and live, including the time since the last arrival. */
  get behind() {
    return Math.max(0, this.buffered + this.#gap.sinceGrowth(this.#now()));
  }

  /** Seconds of media buffered ahead of the current position. */
  get buffered() {
    const { buffered, currentTime } = this.#media;
    return buffered.length === 0 ? 0 : this.#newest() - currentTime;
  }

  /** Jumps as close to live as the gaps between arrivals allow. */
  goLive() {
    const target = this.#newest() - this.#reserve();
    if (target > this.#media.currentTime + 0.05) this.#seek(target);
  }

  /** One step of control; called by the timer. */
  tick() {
    const now = this.#now();
    const { buffered, paused } = this.#media;
    if (buffered.length === 0) return;
    this.#gap.observe(this.#newest(), now);
    this.#decay(now);
    if (this.#enterBuffer() || paused || this.#media.seeking) {
      return this.#forget();
    }
    if (this.#playingSince < 0) this.#playingSince = now;
    if (!this.#hasJumped) return this.#firstJump(now);
    this.#steer(now);
  }

  /** Playback ran out of media; called on the element's `waiting` event. */
  stalled() {
    if (
      (this.#now() - this.#seekAt) * 1000 < SEEK_GRACE_MS ||
      this.#playingSince < 0
    ) return;
    this.#margin = Math.min(MAX_MARGIN_S, this.#margin + STALL_MARGIN_S);
    this.#forget();
  }

  #newest() {
    const { buffered } = this.#media;
    return buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
  }

  #reserve() {
    return 1.1 * this.#gap.value(this.#now()) + 0.1 + this.#margin;
  }

  /** Timestamps need not begin at 0 and may have holes: seeks into the buffered range if necessary. */
  #enterBuffer() {
    const { buffered, currentTime } = this.#media;
    const start = buffered.start(buffered.length - 1);
    if (currentTime >= start) return false;
    const isInside = [...Array(buffered.length).keys()].some((index) =>
      currentTime >= buffered.start(index) &&
      currentTime < buffered.end(index) - 0.1
    );
    if (!isInside) this.#seek(start);
    return !isInside;
  }

  /** @param {number} now */
  #firstJump(now) {
    if (now - this.#playingSince < FIRST_JUMP_S) return;
    this.#hasJumped = true;
    if (this.buffered - this.#reserve() > 0.4) this.goLive();
  }

  /** @param {number} now */
  #steer(now) {
    const gap = this.#gap.value(now);
    const window = Math.max(MIN_WINDOW_S, WINDOW_GAPS * gap);
    this.#samples.push({ at: now, ahead: this.buffered });
    const oldest = this.#samples[0]?.at ?? now;
    if (now - oldest < window) return;
    this.#samples = this.#samples.filter(({ at }) => now - at <= window);
    const low = Math.min(...this.#samples.map(({ ahead }) => ahead));
    this.#correct(low - this.#margin, now);
  }

  /**
   * @param {number} late Seconds.
   * @param {number} now
   */
  #correct(late, now) {
    const isFirst = now - this.#playingSince < FIRST_SECONDS_S;
    if (late > (isFirst ? FIRST_SECONDS_JUMP_S : JUMP_S)) {
      return this.#seek(this.#media.currentTime + late);
    }
    if (late > FASTER_S) {
      return this.#setRate(Math.min(MAX_RATE, 1.04 + 0.2 * late));
    }
    this.#setRate(late < SLOWER_S ? 0.96 : 1);
  }

  /** @param {number} rate */
  #setRate(rate) {
    // Some browsers restart their resampler at each assignment.
    if (Math.abs(this.#media.playbackRate - rate) > 0.005) {
      this.#media.playbackRate = rate;
    }
  }

  /** @param {number} time */
  #seek(time) {
    this.#seekAt = this.#now();
    this.#media.currentTime = time;
    this.#media.playbackRate = 1;
    this.#forget();
  }

  #forget() {
    this.#samples = [];
  }

  /** @param {number} now */
  #decay(now) {
    const elapsed = this.#lastTick < 0 ? 0 : now - this.#lastTick;
    this.#lastTick = now;
    this.#margin = Math.max(
      BASE_MARGIN_S,
      this.#margin - elapsed * MARGIN_DECAY,
    );
  }
}
