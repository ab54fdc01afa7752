/** Seconds for which a gap between arrivals is remembered. */
const MEMORY_S = 10;

/** Measures the longest recent gap between two arrivals of media. All times are in seconds. */
export class GapMeter {
  /** @type {{at: number, length: number}[]} */
  #gaps = [];
  #reported;
  #reportedAt;
  #min;
  #end = -1;
  #grownAt = 0;

  /**
   * @param {number} reported The gap that the server reported.
   * @param {number} now
   * @param {number} min The shortest gap that is distinguished.
   */
  constructor(reported, now, min) {
    this.#reported = reported;
    this.#reportedAt = now;
    this.#min = min;
  }

  /**
   * Time since the buffer grew.
   *
   * @param {number} now
   */
  sinceGrowth(now) {
    return this.#end < 0 ? 0 : now - this.#grownAt;
  }

  /**
   * @param {number} end Where the buffered media ends.
   * @param {number} now
   */
  observe(end, now) {
    if (Math.abs(end - this.#end) < 0.001) return;
    if (this.#end >= 0) {
      this.#gaps.push({ at: now, length: now - this.#grownAt });
    }
    this.#end = end;
    this.#grownAt = now;
  }

  /**
   * The longest recent gap.
   *
   * @param {number} now
   */
  value(now) {
    this.#gaps = this.#gaps.filter(({ at }) => now - at < MEMORY_S);
    const reported = now - this.#reportedAt < MEMORY_S ? this.#reported : 0;
    return Math.max(
      this.#min,
      reported,
      ...this.#gaps.map(({ length }) => length),
    );
  }
}
