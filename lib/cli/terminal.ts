/**
 * All speech to the person at the keyboard: stderr, and stdout for what was asked for.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes to stderr at once and whole. */
export function say(text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) {
      at += Deno.stderr.writeSync(bytes.subarray(at));
    }
  } catch {
    // Nobody listens; there is nobody to tell.
  }
}

/** Writes an answer to stdout. */
export function answer(text: string): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

/** Says what went wrong, and what to do about it. */
export function sayError(message: string, hint?: string): void {
  say(`fstream: ${red("error")}: ${message}\n`);
  if (hint) say(`fstream: ${bold("hint")}: ${hint}\n`);
}

function red(text: string): string {
  return coloured("31;1", text);
}

function bold(text: string): string {
  return coloured("1", text);
}

function coloured(code: string, text: string): string {
  return Deno.noColor || !Deno.stderr.isTerminal()
    ? text
    : `\x1b[${code}m${text}\x1b[0m`;
}

/** Whether stderr is a terminal, for what is drawn rather than said. */
export function canDraw(): boolean {
  return Deno.stderr.isTerminal();
}

/** Signals that ask a program to end; Windows knows only the first. */
const END_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/**
 * Runs a task that is told when somebody asks the program to end.
 *
 * @param task Gets a signal that is aborted at the first Ctrl-C or SIGTERM. The second one ends the
 * program at once.
 */
export async function withEndSignal<T>(
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort();
  };
  for (const name of END_SIGNALS) Deno.addSignalListener(name, onSignal);
  try {
    return await task(controller.signal);
  } finally {
    for (const name of END_SIGNALS) Deno.removeSignalListener(name, onSignal);
  }
}

/**
 * Does something at each SIGHUP, by which services are told to read their files again. Windows has no
 * such signal.
 *
 * @param act What to do.
 * @returns Ends it.
 */
export function onHangup(act: () => void): () => void {
  if (Deno.build.os === "windows") return () => {};
  Deno.addSignalListener("SIGHUP", act);
  return () => Deno.removeSignalListener("SIGHUP", act);
}
