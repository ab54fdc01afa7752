/**
 * The sessions of the HTTP front that are under way. When the server stops they end by themselves, with
 * every byte and the right reason; the runtime's own shutdown would cut WebSockets off at once.
 */
export class OpenSessions {
  readonly #closing = new AbortController();
  readonly #quiet = Promise.withResolvers<boolean>();
  #count = 0;

  /** Aborted when the server stops. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Counts a session in.
   *
   * @returns Counts it out again; to be called once.
   */
  begin(): () => void {
    this.#count++;
    return () => {
      this.#count--;
      this.#settle();
    };
  }

  /**
   * Tells the sessions to end, and waits until they have.
   *
   * @param graceMs Milliseconds to wait at most.
   * @returns Whether all have ended.
   */
  async close(graceMs: number): Promise<boolean> {
    this.#closing.abort();
    this.#settle();
    const timer = setTimeout(() => this.#quiet.resolve(false), graceMs);
    const quiet = await this.#quiet.promise;
    clearTimeout(timer);
    return quiet;
  }

  #settle(): void {
    if (this.closing.aborted && this.#count === 0) this.#quiet.resolve(true);
  }
}
