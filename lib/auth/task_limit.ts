/** Runs tasks, only so many at a time; the others wait in line, and the line has an end. */
export class TaskLimit {
  /** Tasks that may wait. */
  readonly maxWaiting: number;
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * Makes a limit with nothing to do.
   *
   * @param atOnce Tasks that run at a time.
   * @param maxWaiting Tasks that may wait.
   */
  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Runs a task when its turn comes.
   *
   * @param task What to do.
   * @returns What it gives; `undefined` at once when the line is full, and then it is not done at all.
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
      // The turn is handed on, and the number of tasks that run stays.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
