/** Ends something that has waited too long for its peer. */
export class StallTimer implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #movedAt = performance.now();

  /**
   * Starts the time.
   *
   * @param limitMs Milliseconds to wait; checked four times in that time.
   * @param isWaiting Whether the peer is to move at all.
   * @param onStall Called once the peer is late.
   */
  constructor(limitMs: number, isWaiting: () => boolean, onStall: () => void) {
    this.#timer = setInterval(() => {
      if (!isWaiting()) return this.moved();
      if (performance.now() - this.#movedAt >= limitMs) onStall();
    }, limitMs / 4);
  }

  /** Notes that the peer has moved. */
  moved(): void {
    this.#movedAt = performance.now();
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
