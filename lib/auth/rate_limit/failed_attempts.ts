import { LruMap } from "../lru_map.ts";

/** Failures after which the next attempt is delayed: two typing errors cost nothing. */
export const DELAY_FROM = 3;

/** Failures after which attempts are refused for a while. */
export const REFUSE_FROM = 10;

/** Milliseconds of the first delay; each further failure doubles it. */
export const FIRST_DELAY_MS = 250;

/** Milliseconds of the longest delay: a peer gives up a connection that stays silent for longer. */
export const MAX_DELAY_MS = 2000;

/** Milliseconds that a network is refused after its tenth failure and after each one that follows. */
export const REFUSE_MS = 60_000;

/** Milliseconds without a failure after which a network's failures are forgotten. */
export const FORGET_MS = 10 * 60_000;

/** Networks remembered; beyond it the one that failed longest ago is dropped. 10,000 take some 5 MB. */
export const MAX_NETWORKS = 10_000;

/** How {@linkcode FailedAttempts} counts time and networks. */
export interface FailedAttemptsOptions {
  /** Networks remembered. Default {@linkcode MAX_NETWORKS}. */
  readonly maxNetworks?: number;
  /** A monotonic clock in milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

interface Failures {
  /** What was guessed at in the last {@linkcode REFUSE_FROM} failures. */
  readonly targets: readonly string[];
  /** When the last one was. */
  readonly last: number;
}

function monotonicNow(): number {
  return performance.now();
}

/** The failed attempts of each network, by the name that `networkOf` gives it. There is no timer. */
export class FailedAttempts {
  readonly #now: () => number;
  readonly #failures: LruMap<string, Failures>;

  /** Makes a count that starts empty. */
  constructor(options: FailedAttemptsOptions = {}) {
    this.#failures = new LruMap(options.maxNetworks ?? MAX_NETWORKS);
    this.#now = options.now ?? monotonicNow;
  }

  /** Networks remembered now. */
  get size(): number {
    return this.#failures.size;
  }

  /** Failures of the network, {@linkcode REFUSE_FROM} at most. */
  count(network: string): number {
    return this.#targets(network).length;
  }

  /** Milliseconds that the network's next attempt has to wait; 0 before the third failure. */
  delayMs(network: string): number {
    const count = this.count(network);
    if (count < DELAY_FROM) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (count - DELAY_FROM), MAX_DELAY_MS);
  }

  /** Whether the network is within a minute of its tenth failure or of a later one. */
  refused(network: string): boolean {
    const failures = this.#failures.peek(network);
    if (failures === undefined) return false;
    return failures.targets.length >= REFUSE_FROM &&
      this.#now() < failures.last + REFUSE_MS;
  }

  /** Counts a failure. */
  failed(network: string, target: string): void {
    const targets = [...this.#targets(network), target].slice(-REFUSE_FROM);
    this.#failures.set(network, { targets, last: this.#now() });
  }

  /**
   * Forgets the network's failures with this target. Those with others stay, or a user with one password
   * of their own could guess at another's without end.
   */
  succeeded(network: string, target: string): void {
    const failures = this.#failures.peek(network);
    if (failures === undefined) return;
    const targets = failures.targets.filter((failed) => failed !== target);
    if (targets.length === 0) this.#failures.delete(network);
    else this.#failures.set(network, { ...failures, targets });
  }

  #targets(network: string): readonly string[] {
    const failures = this.#failures.peek(network);
    if (failures === undefined) return [];
    if (this.#now() < failures.last + FORGET_MS) return failures.targets;
    this.#failures.delete(network);
    return [];
  }
}
