/** The attempts of one network. */
interface Attempts {
  inFlight: number;
  readonly waiting: (() => void)[];
}

/**
 * Bounds how many attempts of each network are in flight. The number of slots may change at any
 * time; attempts without a slot wait in line. An idle network takes no memory.
 */
export class AttemptSlots {
  readonly #maxWaiting: number;
  readonly #slotsOf: (network: string) => number;
  readonly #networks = new Map<string, Attempts>();

  /**
   * Makes slots that are all free.
   *
   * @param maxWaiting Attempts of one network that may wait.
   * @param slotsOf Attempts that a network may have in flight now.
   */
  constructor(maxWaiting: number, slotsOf: (network: string) => number) {
    this.#maxWaiting = maxWaiting;
    this.#slotsOf = slotsOf;
  }

  /** Networks with attempts in flight. */
  get size(): number {
    return this.#networks.size;
  }

  /** Takes a slot when there is one; returns `undefined` at once when too many wait already. */
  acquire(network: string): Promise<void> | undefined {
    const attempts = this.#networks.get(network) ??
      { inFlight: 0, waiting: [] };
    if (attempts.inFlight < this.#slotsOf(network)) {
      attempts.inFlight++;
      this.#networks.set(network, attempts);
      return Promise.resolve();
    }
    if (attempts.waiting.length >= this.#maxWaiting) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    attempts.waiting.push(resolve);
    return promise;
  }

  /** Gives a slot back, and starts as many waiting attempts as have a slot now. */
  release(network: string): void {
    const attempts = this.#networks.get(network);
    if (attempts === undefined) return;
    attempts.inFlight--;
    const slots = this.#slotsOf(network);
    while (attempts.waiting.length > 0 && attempts.inFlight < slots) {
      attempts.inFlight++;
      attempts.waiting.shift()!();
    }
    if (attempts.inFlight === 0) this.#networks.delete(network);
  }
}
