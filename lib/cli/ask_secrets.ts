import { untilAborted } from "../client/until_aborted.ts";
import { Interrupted } from "./end_signal.ts";
import { SecretLine } from "./secret_line.ts";
import { canDraw, say } from "./terminal.ts";

/** Bytes of a read: more than anybody types at a time. */
const READ_BYTES = 1024;

/** The terminal that a process was started from (tty(4)), whatever its stdin is. */
const TTY = "/dev/tty";

/** A terminal that keys are read from. */
export type Keyboard = Pick<Deno.FsFile, "read" | "setRaw"> & Disposable;

/**
 * Opens the keyboard, also where stdin is a pipe.
 *
 * @returns `undefined` where there is no terminal to ask on.
 */
export function openKeyboard(): Keyboard | undefined {
  if (!canDraw()) return undefined;
  if (Deno.stdin.isTerminal()) return stdinKeyboard();
  if (Deno.build.os === "windows") return undefined;
  try {
    return Deno.openSync(TTY, { read: true });
  } catch {
    return undefined; // The process has no terminal, or may not open it.
  }
}

/** Reads keys from stdin, which must be a terminal. */
export function stdinKeyboard(): Keyboard {
  return {
    read: (buffer) => Deno.stdin.read(buffer),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    [Symbol.dispose]: () => {},
  };
}

/**
 * Asks for secrets, without showing what is typed.
 *
 * @param prompts The questions, one after the other.
 * @returns The lines, in the order of the questions.
 * @param signal Ends the questions; without that a terminal would stay in raw mode after a SIGTERM.
 * @throws {Interrupted} On Ctrl-C, and when the terminal goes away.
 * @throws The signal's reason when it is aborted.
 */
export async function askSecrets(
  keyboard: Keyboard,
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const typed = new SecretLine();
  const decoder = new TextDecoder();
  const lines: string[] = [];
  keyboard.setRaw(true);
  try {
    for (const prompt of prompts) {
      say(prompt);
      const line = nextLine(keyboard, typed, decoder);
      lines.push(await untilAborted(line, signal));
      say("\r\n");
    }
    return lines;
  } finally {
    keyboard.setRaw(false);
  }
}

async function nextLine(
  keyboard: Keyboard,
  typed: SecretLine,
  decoder: TextDecoder,
): Promise<string> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const result = typed.next();
    if (result.state === "line") return result.line;
    const count = result.state === "open" ? await keyboard.read(buffer) : 0;
    if (count === null || count === 0) {
      say("\r\n");
      throw new Interrupted();
    }
    typed.push(decoder.decode(buffer.subarray(0, count), { stream: true }));
  }
}
