/** Something that changes again and again, and can be waited for. */
export class Change {
  #next = Promise.withResolvers<void>();

  /** Resolves at the next change. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  /** Tells all who wait. */
  notify(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}
