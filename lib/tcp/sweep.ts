/** Milliseconds between two sweeps; no limit that they watch over is finer than a second. */
const SWEEP_MS = 1000;

/** Something whose time may run out. */
export interface Swept {
  /**
   * Called once a second.
   *
   * @param now The sweep's clock, in milliseconds.
   */
  sweep(now: number): void;
}

/** One timer for all sessions, and a clock that costs nothing to read. */
export class Sweep {
  /** Milliseconds on a clock that never goes back, as of the last sweep. */
  now: number;
  readonly #members: Set<Swept> = new Set();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param clock Milliseconds on a clock that never goes back. */
  constructor(clock: () => number) {
    this.now = clock();
    this.#timer = setInterval(() => {
      this.now = clock();
      for (const member of this.#members) member.sweep(this.now);
    }, SWEEP_MS);
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
