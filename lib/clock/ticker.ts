import { DelayPeak } from "./delay_peak.ts";

/** Milliseconds between two ticks: a quarter of the finest limit that they watch over. */
const TICK_MS = 250;

/**
 * Milliseconds by which a tick may come late. Garbage collection and busy moments stay far below it; a
 * process that was stopped, or a machine that had no time for it, does not.
 */
const LATE_MS = 250;

/**
 * Milliseconds that watchers have to catch up with what the server's own delay has cost them: most have
 * a second of media buffered, and take it faster than it plays.
 */
const EXCUSE_MS = 2000;

/** Something whose time may run out. */
export interface Tickable {
  /** Called at each tick. */
  tick(): void;
}

/**
 * One timer for all sessions, and a clock that costs nothing to read. While the server itself is late,
 * that clock stands still: nobody is cut for a time in which nothing of his could be read or sent.
 */
export class Ticker {
  /** Milliseconds on a clock that never goes back, as of the last tick, less the server's own delays. */
  now: number;
  readonly #clock: () => number;
  readonly #members: Set<Tickable> = new Set();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #delays: DelayPeak = new DelayPeak();
  #tickedAt: number;
  #excusedUntil = -Infinity;

  /**
   * Starts the timer.
   *
   * @param clock Milliseconds on a clock that never goes back.
   */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.now = this.#tickedAt = clock();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Seconds by which a tick came late at most, over the last 15 to 30 seconds. */
  get longestDelay(): number {
    return this.#delays.longestMs / 1000;
  }

  /** Whether the server itself is late, or was so just now, so that watchers lag through no fault of theirs. */
  get isLate(): boolean {
    const at = this.#clock();
    return at < this.#excusedUntil || at - this.#tickedAt > TICK_MS + LATE_MS;
  }

  /**
   * Tells whether a time has run out; never too early.
   *
   * @param since {@linkcode Ticker.now} when it began, which lies up to one tick in the past.
   * @param limitMs Milliseconds that it may last.
   */
  ranOut(since: number, limitMs: number): boolean {
    return this.now - since >= limitMs + TICK_MS;
  }

  /**
   * Tells why somebody is to be cut whose time has run out.
   *
   * @param what What he did all that time: "took no byte".
   * @param since {@linkcode Ticker.now} when it began.
   * @param limitMs Milliseconds that it may last.
   * @returns What he did, how long at least, and how long is allowed; `undefined` while he has time left.
   */
  overrun(what: string, since: number, limitMs: number): string | undefined {
    if (!this.ranOut(since, limitMs)) return undefined;
    const lasted = Math.floor((this.now - since - TICK_MS) / 100) / 10;
    return `${what} for ${Math.max(lasted, limitMs / 1000)} s ` +
      `(${limitMs / 1000} s allowed)`;
  }

  /** Watches over a session. */
  add(member: Tickable): void {
    this.#members.add(member);
  }

  /** Watches over it no more. */
  delete(member: Tickable): void {
    this.#members.delete(member);
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const at = this.#clock();
    const passed = at - this.#tickedAt;
    const delay = Math.max(0, passed - TICK_MS);
    this.#tickedAt = at;
    this.#delays.add(delay, at);
    if (delay > LATE_MS) this.#excusedUntil = at + EXCUSE_MS;
    // What lies beyond one tick was the server's time, not its peers'.
    this.now += delay > LATE_MS ? TICK_MS : passed;
    for (const member of this.#members) member.tick();
  }
}
