/** Milliseconds between two sweeps: a quarter of the finest limit that they watch over. */
const SWEEP_MS = 250;

/** Something whose time may run out. */
export interface Swept {
  /** Called at each sweep. */
  sweep(): void;
}

/** One timer for all sessions, and a clock that costs nothing to read. */
export class Sweep {
  /** Milliseconds on a clock that never goes back, as of the last sweep. */
  now: number;
  readonly #members: Set<Swept> = new Set();
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * Starts the timer.
   *
   * @param clock Milliseconds on a clock that never goes back.
   */
  constructor(clock: () => number) {
    this.now = clock();
    this.#timer = setInterval(() => {
      this.now = clock();
      for (const member of this.#members) member.sweep();
    }, SWEEP_MS);
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
}
