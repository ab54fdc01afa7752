/**
 * Output to the person at the keyboard: messages to stderr, requested answers to stdout.
 *
 * @module
 */

import { stdoutError } from "./standard_streams.ts";

const encoder = new TextEncoder();

/** Writes all of a message to stderr at once. */
export function say(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // Stderr is closed, so there is no way to report it.
  }
}

/**
 * Writes an answer to stdout.
 *
 * @returns Whether more may follow: a reader that has closed the pipe (`| head -n 1`) has what it wants.
 */
export function answer(text: string): boolean {
  try {
    writeAll(Deno.stdout, text);
    return true;
  } catch (error) {
    const failure = stdoutError(error);
    if (failure !== error) throw failure;
    return false;
  }
}

/** Writes all of a text, which may take several calls. */
export function writeAll(
  output: Pick<typeof Deno.stdout, "writeSync">,
  text: string,
): void {
  const bytes = encoder.encode(text);
  for (let at = 0; at < bytes.length;) {
    at += output.writeSync(bytes.subarray(at));
  }
}

/** Reports what went wrong, and what to do about it. */
export function sayError(message: string, hint?: string): void {
  say(`fstream: ${red("error")}: ${message}\n`);
  if (hint) sayHint(hint);
}

/** Says what helps. */
export function sayHint(hint: string): void {
  say(`fstream: ${bold("hint")}: ${hint}\n`);
}

function red(text: string): string {
  return coloured("31;1", text);
}

function bold(text: string): string {
  return coloured("1", text);
}

function coloured(code: string, text: string): string {
  return Deno.noColor || !canDraw() ? text : `\x1b[${code}m${text}\x1b[0m`;
}

/** Whether stderr is a terminal, which can show colours, live lines and prompts. */
export function canDraw(): boolean {
  return Deno.stderr.isTerminal();
}
