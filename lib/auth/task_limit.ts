/** Runs a bounded number of tasks at a time; a bounded number of others wait in line. */
export class TaskLimit {
  /** Tasks that may wait. */
  readonly maxWaiting: number;
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Makes a limit of `atOnce` tasks at a time, while `maxWaiting` others wait. */
  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce;
    this.maxWaiting = maxWaiting;
  }

  /** Tasks that wait now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs a task when its turn comes.
   *
   * @returns Its result; `undefined` at once when too many wait, and then it never runs.
   */
  run<T>(task: () => Promise<T>): Promise<T> | undefined {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return this.#turn(task);
    }
    if (this.#waiting.length >= this.maxWaiting) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise.then(() => this.#turn(task));
  }

  async #turn<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      // The next task takes this one's place, so the number of running tasks stays.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
