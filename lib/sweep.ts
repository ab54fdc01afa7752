import { DelayPeak } from "./delay_peak.ts";

/** Milliseconds between two sweeps: a quarter of the finest limit that they watch over. */
const SWEEP_MS = 250;

/**
 * Milliseconds by which a sweep may come late. Garbage collection and busy moments stay far below it; a
 * process that was stopped, or a machine that had no time for it, does not.
 */
const LATE_MS = 250;

/**
 * Milliseconds that watchers have to catch up with what the server's own delay has cost them: most have
 * a second of media buffered, and take it faster than it plays.
 */
const EXCUSE_MS = 2000;

/** Something whose time may run out. */
export interface Swept {
  /** Called at each sweep. */
  sweep(): void;
}

/**
 * One timer for all sessions, and a clock that costs nothing to read. While the server itself is late,
 * that clock stands still: nobody is cut for a time in which nothing of his could be read or sent.
 */
export class Sweep {
  /** Milliseconds on a clock that never goes back, as of the last sweep, less the server's own delays. */
  now: number;
  readonly #clock: () => number;
  readonly #members: Set<Swept> = new Set();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #delays: DelayPeak = new DelayPeak();
  #sweptAt: number;
  #excusedUntil = -Infinity;

  /**
   * Starts the timer.
   *
   * @param clock Milliseconds on a clock that never goes back.
   */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.now = this.#sweptAt = clock();
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Seconds by which a sweep came late at most, over the last 15 to 30 seconds. */
  get longestDelay(): number {
    return this.#delays.longestMs / 1000;
  }

  /** Whether the server itself is late, or was so just now, so that watchers lag through no fault of theirs. */
  get isLate(): boolean {
    const at = this.#clock();
    return at < this.#excusedUntil || at - this.#sweptAt > SWEEP_MS + LATE_MS;
  }

  /**
   * Tells whether a time has run out; never too early.
   *
   * @param since {@linkcode Sweep.now} when it began, which lies up to one sweep in the past.
   * @param limitMs Milliseconds that it may last.
   */
  ranOut(since: number, limitMs: number): boolean {
    return this.now - since >= limitMs + SWEEP_MS;
  }

  /**
   * Tells why somebody is to be cut whose time has run out.
   *
   * @param what What he did all that time: "took no byte".
   * @param since {@linkcode Sweep.now} when it began.
   * @param limitMs Milliseconds that it may last.
   * @returns What he did, how long at least, and how long is allowed; `undefined` while he has time left.
   */
  overrun(what: string, since: number, limitMs: number): string | undefined {
    if (!this.ranOut(since, limitMs)) return undefined;
    const lasted = Math.floor((this.now - since - SWEEP_MS) / 100) / 10;
    return `${what} for ${Math.max(lasted, limitMs / 1000)} s ` +
      `(${limitMs / 1000} s allowed)`;
  }

  /** Watches over a session. */
  add(member: Swept): void {
    this.#members.add(member);
  }

  /** Watches over it no more. */
  delete(member: Swept): void {
    this.#members.delete(member);
  }

  /** Stops the timer. */
  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const at = this.#clock();
    const passed = at - this.#sweptAt;
    const delay = Math.max(0, passed - SWEEP_MS);
    this.#sweptAt = at;
    this.#delays.add(delay, at);
    if (delay > LATE_MS) this.#excusedUntil = at + EXCUSE_MS;
    // What lies beyond one sweep was the server's time, not its peers'.
    this.now += delay > LATE_MS ? SWEEP_MS : passed;
    for (const member of this.#members) member.sweep();
  }
}
