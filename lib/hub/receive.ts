import type { Broadcast } from "./broadcast.ts";
import type { Sweep, Swept } from "../sweep.ts";

/** Why a broadcast is over whose broadcaster ended it in order. */
export const ENDED_IN_ORDER = "the broadcast ended";

/** What ends a broadcast from outside. */
export interface ReceiveOptions {
  /** Watches over the idle limit. */
  readonly sweep: Sweep;
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
  broadcast: Broadcast,
  options: ReceiveOptions,
): Promise<string> {
  const { sweep, idleMs, signal } = options;
  let newest = sweep.now;
  let why: string | undefined;
  const cut = (reason: string): void => {
    why ??= reason;
    reader.cancel(reason).catch(() => {});
  };
  const idle: Swept = {
    sweep: () => {
      const why = sweep.overrun("sent no byte", newest, idleMs);
      if (why) cut(why);
    },
  };
  sweep.add(idle);
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
      newest = sweep.now;
      if (value instanceof Uint8Array) broadcast.append(value);
    }
  } finally {
    sweep.delete(idle);
  }
  broadcast.end("broken");
  return why;
}
