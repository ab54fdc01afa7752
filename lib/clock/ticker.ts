import { DelayPeak } from "./delay_peak.ts";

/** Milliseconds between two ticks: a quarter of the finest limit that they watch over. */
const TICK_MS = 250;

/**
 * Milliseconds by which a tick may be late. Garbage collection and busy moments stay far below that; a
 * stopped process or an overloaded machine does not.
 */
const LATE_MS = 250;

/**
 * Milliseconds that watchers have to make up for a delay of the server: most buffer a second of media,
 * and receive it faster than they play it.
 */
const EXCUSE_MS = 2000;

/** Something with a time limit, or with periodic work. */
export interface Tickable {
  /** Called at each tick. */
  tick(): void;
}

/**
 * One timer for all sessions, and a clock that costs nothing to read. The clock stands still while the
 * server itself is late, so that no peer is cut for time in which the server neither read nor wrote.
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

  /** The longest delay of a tick in seconds, over the last 15 to 30 seconds. */
  get longestDelay(): number {
    return this.#delays.longestMs / 1000;
  }

  /** Whether the server itself is late or was a moment ago, so that watchers lag through no fault of their own. */
  get isLate(): boolean {
    const at = this.#clock();
    return at < this.#excusedUntil || at - this.#tickedAt > TICK_MS + LATE_MS;
  }

  /**
   * Tells whether a time limit has been exceeded; never too early.
   *
   * @param since {@linkcode Ticker.now} when it began, which lies up to one tick in the past.
   * @param limitMs Milliseconds that it may last.
   */
  ranOut(since: number, limitMs: number): boolean {
    return this.now - since >= limitMs + TICK_MS;
  }

  /**
   * Describes how a time limit was exceeded.
   *
   * @param what What the peer did all that time: "accepted no byte".
   * @param since {@linkcode Ticker.now} when it began.
   * @param limitMs Milliseconds that it may last.
   * @returns What the peer did, for how long at least, and the limit; `undefined` while there is time left.
   */
  overrun(what: string, since: number, limitMs: number): string | undefined {
    if (!this.ranOut(since, limitMs)) return undefined;
    const lasted = Math.floor((this.now - since - TICK_MS) / 100) / 10;
    return `${what} for ${Math.max(lasted, limitMs / 1000)} s ` +
      `(${limitMs / 1000} s allowed)`;
  }

  /** Includes a member in every tick from now on. */
  add(member: Tickable): void {
    this.#members.add(member);
  }

  /** Leaves a member out from now on. */
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
    // A delay beyond one tick is the server's fault, not its peers'.
    this.now += delay > LATE_MS ? TICK_MS : passed;
    for (const member of this.#members) tickSafely(member);
  }
}

/** A member that fails must not keep the others from their ticks. */
function tickSafely(member: Tickable): void {
  try {
    member.tick();
  } catch (error) {
    reportError(error);
  }
}
