/** Seconds by which a clock may go back from one join point to the next: some encoders reorder by that much. */
const BACK_S = 0.5;

/** Seconds by which it may run ahead of the bytes: networks and encoders hold back less, and players buffer less. */
const AHEAD_S = 10;

/** How much a new step counts in what is usual. */
const WEIGHT = 1 / 8;

/** A place in the media. */
export interface Moment {
  /** Seconds on the media's clock, if it has one. */
  readonly time: number | undefined;
  /** Milliseconds on the hub's clock when it was received. */
  readonly arrival: number;
  /** The init segment that it needs. */
  readonly init: Uint8Array;
}

/**
 * Notes where the timestamps of a broadcast go back, or leap ahead of the time in which they arrive. What is sent faster
 * than real time runs ahead all the time, in its usual steps, and has not jumped.
 */
export class ClockJumps {
  /** How often the clock jumped. */
  count = 0;
  /** Seconds of the newest jump, below 0 for one back. */
  seconds = 0;
  /** Milliseconds on the hub's clock when that arrived. */
  at: number = Number.NEGATIVE_INFINITY;
  #before: Moment | undefined;
  /** Usual seconds from one join point to the next. */
  #usual: number | undefined;

  /**
   * Looks at the next join point.
   *
   * @param restarts Whether a new init segment begins a stream with a clock of its own.
   */
  join(moment: Moment, restarts: boolean): void {
    const before = this.#before;
    this.#before = moment;
    if (moment.time === undefined || before?.time === undefined) return;
    if (restarts && moment.init !== before.init) return;
    const step = moment.time - before.time;
    const passed = (moment.arrival - before.arrival) / 1000;
    const usual = this.#usual ?? step;
    const ahead = step - Math.max(passed, 2 * usual);
    if (step >= -BACK_S && ahead <= AHEAD_S) {
      this.#usual = usual + (step - usual) * WEIGHT;
      return;
    }
    this.count++;
    this.seconds = step < 0 ? step : step - passed;
    this.at = moment.arrival;
  }
}
