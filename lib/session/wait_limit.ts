import type { Tickable } from "../clock/ticker.ts";
import type { ServerContext } from "./context.ts";

/** Ends a wait for what a peer has to send: when its time is over, or when the server shuts down. */
export class WaitLimit implements Tickable, Disposable {
  /** Settles when the wait is over, with the reason; never after it was disposed of. */
  readonly over: Promise<"late" | "closing">;
  readonly #context: Pick<ServerContext, "ticker" | "isClosing">;
  readonly #settle: (why: "late" | "closing") => void;
  readonly #timer: ReturnType<typeof setTimeout>;

  /**
   * Starts to count.
   *
   * @param ms Milliseconds to wait.
   */
  constructor(
    context: Pick<ServerContext, "ticker" | "isClosing">,
    ms: number,
  ) {
    const { promise, resolve } = Promise.withResolvers<"late" | "closing">();
    this.over = promise;
    this.#settle = resolve;
    this.#context = context;
    this.#timer = setTimeout(() => resolve("late"), ms);
    context.ticker.add(this);
  }

  /** Ends the wait when the server shuts down. */
  tick(): void {
    if (this.#context.isClosing()) this.#settle("closing");
  }

  /** Stops waiting. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#context.ticker.delete(this);
  }
}
