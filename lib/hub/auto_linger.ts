/** Milliseconds that bytes linger at most under load: little compared with what players buffer. */
export const MAX_AUTO_LINGER_MS = 400;

/** Share of one core that waking watchers for every piece may take before anything lingers. */
const LOW_LOAD = 0.1;

/** Share of one core at which bytes linger for the full time. */
const FULL_LOAD = 0.25;

/** Milliseconds over which the load is measured. */
const WINDOW_MS = 1000;

/**
 * Milliseconds over which the load of a window that has just begun is measured at least: a second of single pieces
 * to a thousand watchers costs as much as four in which they linger.
 */
const FIRST_MS = 250;

/**
 * Microseconds that a wake-up costs at least, before it is measured, and at most. A small write takes some 8 to 16 µs;
 * when the process does other work, or next to nothing, its time divided by the wake-ups says little.
 */
const WAKE_COST_US = { least: 5, usual: 12, most: 40 } as const;

/** What an {@linkcode AutoLinger} measures with. */
export interface AutoLingerOptions {
  /** Milliseconds on the hub's clock. */
  readonly now: () => number;
  /** Microseconds of processor time that the process has used. */
  readonly cpuUs?: () => number;
  /** Tells whether the server is late, whatever keeps it busy. */
  readonly isLate?: (() => boolean) | undefined;
}

/**
 * Decides how long bytes linger by the load that there would be if they did not: the wake-ups that every
 * piece would cause, times what one costs on this machine. Unlike the real load, this does not fall when
 * bytes start to linger, so the time does not oscillate.
 */
export class AutoLinger {
  /** Milliseconds that bytes may linger now. */
  delayMs = 0;
  /** Share of one core that waking watchers for every piece would take. */
  load = 0;
  readonly #now: () => number;
  readonly #cpuUs: () => number;
  readonly #isLate: () => boolean;
  #pieceWakeUps = 0;
  #wakeUps = 0;
  #measuredAt = 0;
  /** Processor time at the beginning of the window; `undefined` until a watcher waits for a piece. */
  #usedUs: number | undefined;
  #previous = 0;
  /** Whether bytes lingered at the last tick. */
  #lingered = false;
  #costUs: number = WAKE_COST_US.usual;

  /** Starts to measure. */
  constructor({ now, cpuUs = processUs, isLate = never }: AutoLingerOptions) {
    this.#now = now;
    this.#cpuUs = cpuUs;
    this.#isLate = isLate;
  }

  /** Counts a piece and the watchers that wait for it, who linger at once if they are too many. */
  arrived(watchers: number): void {
    if (watchers === 0) return;
    const now = this.#now();
    if (this.#usedUs === undefined) {
      // Not before: the runtime loads what tells the processor time, 1.6 MB, when it is asked first.
      this.#usedUs = this.#cpuUs();
      this.#measuredAt = now;
    }
    this.#pieceWakeUps += watchers;
    const load = this.#loadAfter(now - this.#measuredAt);
    if (load > this.load) this.#follow(load);
  }

  /** Counts watchers that were woken. */
  woken(watchers: number): void {
    this.#wakeUps += watchers;
  }

  /** Called several times a second: measures the load, and follows it. */
  tick(): void {
    const load = this.#usedUs === undefined ? 0 : this.#measure(this.#usedUs);
    this.#follow(load);
    this.#lingered = this.delayMs > 0;
  }

  /** Whatever keeps the server busy, fewer writes help. */
  #follow(measured: number): void {
    this.load = measured;
    const load = this.#isLate() ? FULL_LOAD : measured;
    const share = (load - LOW_LOAD) / (FULL_LOAD - LOW_LOAD);
    this.delayMs = Math.round(
      MAX_AUTO_LINGER_MS * Math.min(1, Math.max(0, share)),
    );
  }

  /** The load if the window had begun that many milliseconds ago. */
  #loadAfter(elapsedMs: number): number {
    return this.#pieceWakeUps * this.#costUs /
      (Math.max(FIRST_MS, elapsedMs) * 1000);
  }

  /** Measures what a wake-up costs; returns the load. */
  #measure(beganUs: number): number {
    const elapsedMs = this.#now() - this.#measuredAt;
    const usedUs = this.#cpuUs();
    const { least, most } = WAKE_COST_US;
    const measured = (usedUs - beganUs) / this.#wakeUps;
    // The larger writes of bytes that lingered cost more each than those of single pieces would.
    const highest = this.#lingered ? this.#costUs : most;
    this.#costUs = Math.min(highest, Math.max(least, measured || least));
    const load = this.#loadAfter(elapsedMs);
    // The larger of two windows: one quiet second is no reason to hurry.
    const larger = Math.max(this.#previous, load);
    if (elapsedMs < WINDOW_MS) return larger;
    this.#previous = load;
    this.#measuredAt += elapsedMs;
    this.#usedUs = usedUs;
    this.#pieceWakeUps = this.#wakeUps = 0;
    return larger;
  }
}

/** The global, because the bundler cannot put an import of a runtime's module into a script. */
function processUs(): number {
  const { user, system } = globalThis.process.cpuUsage();
  return user + system;
}

function never(): boolean {
  return false;
}
