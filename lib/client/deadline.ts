import { ConnectionError } from "./connection_error.ts";

/** A signal that is aborted when a server takes too long to answer, or together with another signal. */
export class Deadline implements Disposable {
  /** Its reason is a {@linkcode ConnectionError} when time is up. */
  readonly signal: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** Starts the time, in milliseconds. */
  constructor(ms: number, other?: AbortSignal) {
    const controller = new AbortController();
    this.#timer = setTimeout(() => {
      const message = `no answer within ${Math.round(ms / 100) / 10} s`;
      controller.abort(
        new ConnectionError("no-answer", `Cannot get an answer: ${message}`),
      );
    }, ms);
    this.signal = other
      ? AbortSignal.any([controller.signal, other])
      : controller.signal;
  }

  /** Stops the time. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
