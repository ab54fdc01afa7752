import { countOf } from "../wire/framed_message.ts";

/**
 * How much faster than the server's clock this machine's may run, as a fraction: twice what quartz does at its worst.
 * A watcher that lags for an hour is shown as lagging by less than a second too little.
 */
const MAX_DRIFT = 2e-4;

/**
 * How far behind live a watcher is: the time from a byte's arrival at the server to its delivery here, apart from the
 * shortest time that the network takes. It is measured with each report of the server, about once a second.
 */
export class LiveLag {
  readonly #now: () => number;
  /** Milliseconds from the server's clock to this machine's, and the shortest time that a report has taken. */
  #offsetMs = Infinity;
  /** When that was determined. */
  #offsetAt = 0;
  /** When the next byte arrived at the server, on this machine's clock. */
  #arrivedAt: number | undefined;
  #deliveredAt = 0;
  #lagMs: number | undefined;
  #longestMs: number | undefined;

  /** Starts without a figure; `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number = performance.now.bind(performance)) {
    this.#now = now;
  }

  /** Seconds that the last delivered bytes were behind live; `undefined` until that has been measured. */
  get seconds(): number | undefined {
    return inSeconds(this.#lagMs);
  }

  /** The same for a watcher that waits for its server or its sink: what it was, and the time since. */
  get waitingSeconds(): number | undefined {
    if (this.#lagMs === undefined) return undefined;
    return inSeconds(this.#now() - this.#deliveredAt + this.#lagMs);
  }

  /** Seconds that it was at most. */
  get longestSeconds(): number | undefined {
    return inSeconds(this.#longestMs);
  }

  /** Starts a connection, perhaps to another server with another clock. */
  connect(): void {
    this.#offsetMs = Infinity;
    this.#arrivedAt = undefined;
  }

  /** Takes the server's report: the keys `time` and `age`. One that is malformed is ignored. */
  report(values: ReadonlyMap<string, string>): void {
    const time = countOf(values.get("time"));
    const age = countOf(values.get("age"));
    if (time === undefined || age === undefined) return;
    this.#arrivedAt = time + this.#settleOffset(time) - age;
  }

  /** Notes that media has been delivered. */
  deliver(): void {
    const now = this.#deliveredAt = this.#now();
    if (this.#arrivedAt === undefined) return;
    this.#lagMs = Math.max(0, now - this.#arrivedAt);
    this.#longestMs = Math.max(this.#longestMs ?? 0, this.#lagMs);
    this.#arrivedAt = undefined;
  }

  /** The shortest way counts; a clock that drifts makes all ways seem longer. */
  #settleOffset(time: number): number {
    const now = this.#now();
    const drifted = this.#offsetMs + (now - this.#offsetAt) * MAX_DRIFT;
    this.#offsetMs = Math.min(drifted, now - time);
    this.#offsetAt = now;
    return this.#offsetMs;
  }
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
