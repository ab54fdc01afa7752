/**
 * Keeps a media element close behind the newest media that has arrived, without stalls: the one place
 * that decides how late a viewer is.
 *
 * What counts is not how much is buffered at this moment, which goes up and down with every fragment
 * that arrives, but the least that was buffered over a while. Chasing the momentary value stalls.
 *
 * @module
 */

/** Milliseconds between two looks. */
export const TICK_MS = 100;

/** Seconds over which the least is taken, at least; long gaps between arrivals stretch it. */
const MIN_WINDOW_S = 2;

/** How many gaps the window holds: two arrivals and a little. */
const WINDOW_GAPS = 2.2;

/** Seconds of buffer that are never played away. */
const BASE_MARGIN_S = 0.2;

/** Seconds that a stall adds to the margin, and the most that it grows to. */
const STALL_MARGIN_S = 0.2;
const MAX_MARGIN_S = 1.5;

/** Seconds by which the margin shrinks in a second without stalls: one stall is forgotten in 40 s. */
const MARGIN_DECAY = 0.005;

/** Seconds of play before the first jump, so that the first picture is there at once. */
const FIRST_JUMP_S = 0.3;

/**
 * Seconds too late from which a jump is better than playing faster: with margin and gap it would be more
 * than 1.5 s behind, for ten seconds. Sooner right after the start, where the gap that the server told
 * may be an old one and nobody has settled to listen.
 */
const JUMP_S = 1;
const FIRST_SECONDS_JUMP_S = 0.5;

/** Seconds of play that count as right after the start. */
const FIRST_SECONDS_S = 10;

/** Seconds too late from which play is faster, and too early from which it is slower. */
const FASTER_S = 0.1;
const SLOWER_S = -0.12;

/** How much faster at most: above it voices sound hurried. */
const MAX_RATE = 1.15;

/** Seconds for which a pause between arrivals is remembered. */
const GAP_MEMORY_S = 10;

/** Milliseconds after a seek in which a stall is the seek's own doing. */
const SEEK_GRACE_MS = 500;

/**
 * The longest pause between two arrivals lately, as the server saw it and as the buffer grows.
 */
class GapMeter {
  #pauses = [];
  #given;
  #givenAt;
  #end = -1;
  #grownAt = 0;

  /**
   * @param {number} given Seconds, from the server.
   * @param {number} now Seconds.
   */
  constructor(given, now) {
    this.#given = given;
    this.#givenAt = now;
  }

  /** Seconds since the buffer grew. */
  sinceGrowth(now) {
    return this.#end < 0 ? 0 : now - this.#grownAt;
  }

  /** Looks at the buffer's end. */
  look(end, now) {
    if (Math.abs(end - this.#end) < 0.001) return;
    if (this.#end >= 0) {
      this.#pauses.push({ at: now, pause: now - this.#grownAt });
    }
    this.#end = end;
    this.#grownAt = now;
  }

  /** The gap in seconds. */
  value(now) {
    this.#pauses = this.#pauses.filter(({ at }) => now - at < GAP_MEMORY_S);
    const given = now - this.#givenAt < GAP_MEMORY_S ? this.#given : 0;
    return Math.max(
      TICK_MS / 1000,
      given,
      ...this.#pauses.map(({ pause }) => pause),
    );
  }
}

/** Controls one media element. */
export class LiveEdge {
  #media;
  #gap;
  #now;
  #margin = BASE_MARGIN_S;
  #samples = [];
  #playingSince = -1;
  #hasJumped = false;
  #seekAt = -Infinity;
  #lastTick = -1;
  #timer;
  #onWaiting = () => this.stalled();
  #onVisible = () => document.hidden || this.goLive();

  /**
   * @param {HTMLMediaElement} media The element.
   * @param {{gap: number, now?: () => number}} options The server's gap in seconds, and a clock in
   *   milliseconds.
   */
  constructor(media, { gap, now = () => performance.now() }) {
    this.#media = media;
    this.#now = () => now() / 1000;
    this.#gap = new GapMeter(gap, this.#now());
  }

  /** Starts looking. */
  start() {
    this.#media.addEventListener("waiting", this.#onWaiting);
    document.addEventListener("visibilitychange", this.#onVisible);
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Stops looking; the element plays on at its pace. */
  stop() {
    clearInterval(this.#timer);
    this.#media.removeEventListener("waiting", this.#onWaiting);
    document.removeEventListener("visibilitychange", this.#onVisible);
    this.#media.playbackRate = 1;
  }

  /** Seconds from what is shown to what is newest, the time since the last arrival included. */
  get behind() {
    return Math.max(0, this.buffered + this.#gap.sinceGrowth(this.#now()));
  }

  /** Seconds that are buffered ahead. */
  get buffered() {
    const { buffered, currentTime } = this.#media;
    return buffered.length === 0
      ? 0
      : buffered.end(buffered.length - 1) - currentTime;
  }

  /** Jumps as close to the end as the stream's arrivals allow. */
  goLive() {
    const target = this.#newest() - this.#reserve();
    if (target > this.#media.currentTime + 0.05) this.#seek(target);
  }

  /** One look; called by the timer. */
  tick() {
    const now = this.#now();
    const { buffered, paused } = this.#media;
    if (buffered.length === 0) return;
    this.#gap.look(this.#newest(), now);
    this.#decay(now);
    if (this.#enterBuffer() || paused || this.#media.seeking) {
      return this.#forget();
    }
    if (this.#playingSince < 0) this.#playingSince = now;
    if (!this.#hasJumped) return this.#firstJump(now);
    this.#steer(now);
  }

  /** Play has run out of media; called when the element says so. */
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

  /** Timestamps need not begin at 0, and may have holes: play what is there. */
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

  #firstJump(now) {
    if (now - this.#playingSince < FIRST_JUMP_S) return;
    this.#hasJumped = true;
    if (this.buffered - this.#reserve() > 0.4) this.goLive();
  }

  #steer(now) {
    const gap = this.#gap.value(now);
    const window = Math.max(MIN_WINDOW_S, WINDOW_GAPS * gap);
    this.#samples.push({ at: now, ahead: this.buffered });
    if (now - this.#samples[0].at < window) return;
    while (now - this.#samples[0].at > window) this.#samples.shift();
    const low = Math.min(...this.#samples.map(({ ahead }) => ahead));
    this.#correct(low - this.#margin, now);
  }

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

  #setRate(rate) {
    // Setting it anew makes some browsers resample, so it is set only when it changes.
    if (Math.abs(this.#media.playbackRate - rate) > 0.005) {
      this.#media.playbackRate = rate;
    }
  }

  #seek(time) {
    this.#seekAt = this.#now();
    this.#media.currentTime = time;
    this.#media.playbackRate = 1;
    this.#forget();
  }

  #forget() {
    this.#samples = [];
  }

  #decay(now) {
    const elapsed = this.#lastTick < 0 ? 0 : now - this.#lastTick;
    this.#lastTick = now;
    this.#margin = Math.max(
      BASE_MARGIN_S,
      this.#margin - elapsed * MARGIN_DECAY,
    );
  }
}
