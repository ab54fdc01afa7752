import type { Tickable } from "../clock/ticker.ts";
import type { Connection } from "../net/connection.ts";
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

/** Cuts a connection whose request is not complete in time, until it is disposed of. */
export function limitRequest(
  context: ServerContext,
  connection: Pick<Connection, "cut">,
): WaitLimit {
  const { requestMs } = context.limits;
  const limit = new WaitLimit(context, requestMs);
  limit.over.then((why) =>
    connection.cut(
      why === "late"
        ? `the request took more than ${requestMs / 1000} s`
        : "the server is shutting down",
    )
  );
  return limit;
}
