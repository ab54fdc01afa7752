import type { Publisher } from "./publisher.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";

/** Why a broadcast is over whose broadcaster ended it in order. */
export const ENDED_IN_ORDER = "the broadcast ended";

/** What ends a broadcast from outside. */
export interface ReceiveOptions {
  /** Watches over the idle limit. */
  readonly ticker: Ticker;
  /** Milliseconds without a byte after which the broadcaster is cut. */
  readonly idleMs: number;
  /** Aborted with the reason when the channel is taken away. */
  readonly signal: AbortSignal;
}

/**
 * Puts what a broadcaster sends on the air until he ends. The log takes every byte at once, whatever
 * its watchers do: nothing holds a broadcaster back.
 *
 * @returns Why it is over, {@linkcode ENDED_IN_ORDER} among others; the broadcast has been ended in the
 * fitting way.
 */
export async function receive(
  reader: ReadableStreamDefaultReader<unknown>,
  broadcast: Publisher,
  options: ReceiveOptions,
): Promise<string> {
  const { ticker, idleMs, signal } = options;
  let newest = ticker.now;
  let why: string | undefined;
  const cut = (reason: string): void => {
    why ??= reason;
    reader.cancel(reason).catch(() => {});
  };
  const idle: Tickable = {
    tick: () => {
      const why = ticker.overrun("sent no byte", newest, idleMs);
      if (why) cut(why);
    },
  };
  ticker.add(idle);
  const revoked = (): void => cut(String(signal.reason));
  signal.addEventListener("abort", revoked, { once: true });
  if (signal.aborted) revoked(); // While the broadcaster was being answered.
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (why !== undefined) break;
      if (done) {
        broadcast.end("clean");
        return ENDED_IN_ORDER;
      }
      newest = ticker.now;
      if (value instanceof Uint8Array) broadcast.append(value);
    }
  } finally {
    ticker.delete(idle);
  }
  broadcast.end("broken");
  return why;
}
