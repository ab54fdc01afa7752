/** Signals that ask a program to end, with their numbers; Windows knows only the first. */
const END_SIGNALS: readonly [name: Deno.Signal, number: number][] =
  Deno.build.os === "windows"
    ? [["SIGINT", 2]]
    : [["SIGINT", 2], ["SIGTERM", 15]];

/** The program was asked to end before it was done. */
export class Interrupted extends Error {
  /** The signal. */
  readonly signal: Deno.Signal;
  /** The exit status: 128 and the signal's number, as shells report it. */
  readonly status: number;

  /** Makes the error for one of the signals that end a program; Ctrl-C by default. */
  constructor(signal: Deno.Signal = "SIGINT") {
    super(`interrupted by ${signal}`);
    this.name = "Interrupted";
    this.signal = signal;
    const [, number = 0] = END_SIGNALS.find(([name]) => name === signal) ?? [];
    this.status = 128 + number;
  }
}

/**
 * Runs a task that is told when the program is asked to end.
 *
 * @param task Gets a signal that is aborted at the first Ctrl-C or SIGTERM, with an {@linkcode Interrupted}
 * as its reason. The second one ends the program at once.
 */
export async function withEndSignal<T>(
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const listeners = END_SIGNALS.map(([name]) => {
    const listener = (): void => {
      const reason = new Interrupted(name);
      if (controller.signal.aborted) Deno.exit(reason.status);
      controller.abort(reason);
    };
    return [name, listener] as const;
  });
  for (const [name, listener] of listeners) {
    Deno.addSignalListener(name, listener);
  }
  try {
    return await task(controller.signal);
  } finally {
    for (const [name, listener] of listeners) {
      Deno.removeSignalListener(name, listener);
    }
  }
}

/**
 * Calls a function at each SIGHUP, which tells services to read their files again. Windows has no such
 * signal.
 *
 * @returns Stops that.
 */
export function onHangup(act: () => void): () => void {
  if (Deno.build.os === "windows") return () => {};
  Deno.addSignalListener("SIGHUP", act);
  return () => Deno.removeSignalListener("SIGHUP", act);
}
