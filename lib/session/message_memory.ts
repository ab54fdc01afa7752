import type { MemoryBudget } from "../hub/memory/memory_budget.ts";

/** Counts what the messages in progress of one broadcaster hold as memory of its session. */
export class MessageMemory implements Disposable {
  readonly #budget: MemoryBudget;
  #held = 0;

  /** Holds nothing yet. */
  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /**
   * Reports what is held now.
   *
   * @throws {Error} When that is more than before, and more than there is room for without the backlog: the one that
   *     grows ends, and no other.
   */
  hold(bytes: number): void {
    const grown = bytes - this.#held;
    if (grown === 0) return;
    this.#held = bytes;
    this.#budget.change("session", grown);
    if (grown < 0) return;
    this.#budget.settle();
    if (this.#budget.usedBytes <= this.#budget.limitBytes) return;
    throw new Error(
      `its messages in progress hold ${bytes} bytes: ${this.#budget.shortage}`,
    );
  }

  /** Gives everything back. */
  [Symbol.dispose](): void {
    this.hold(0);
  }
}
