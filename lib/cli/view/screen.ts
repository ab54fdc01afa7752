import { writeAll } from "../terminal.ts";

/** A line of the screen: plain text, and how it stands out. */
export interface ScreenLine {
  /** Clipped to the width of the screen, without controls. */
  readonly text: string;
  /** How it stands out; default not at all. */
  readonly style?: "bold" | "dim" | "reverse" | undefined;
}

/** What moves the screen on: a key (`q`, `Enter`, `Up`), `tick` once a second, `redraw`, or `end` when the keyboard is gone. */
export type ScreenEvent = string;

/** Milliseconds between two ticks. */
const TICK_MS = 1000;

/** Keys that may wait to be handled; what is typed on top is lost. */
const MAX_WAITING = 64;

/** Enters the alternate screen, and hides the cursor (xterm, "Private Modes"). */
const ENTER = "\x1b[?1049h\x1b[?25l";

/** Shows the cursor, and leaves the alternate screen. */
const LEAVE = "\x1b[0m\x1b[?25h\x1b[?1049l";

/** Select graphic rendition (ECMA-48 §8.3.117). */
const STYLES = { bold: "\x1b[1m", dim: "\x1b[2m", reverse: "\x1b[7m" };

/** Names of what keys send. */
const KEYS: Readonly<Record<string, string>> = {
  "\x1b[A": "Up",
  "\x1bOA": "Up",
  "\x1b[B": "Down",
  "\x1bOB": "Down",
  "\x1b": "Escape",
  "\r": "Enter",
  "\n": "Enter",
  "\t": "Tab",
  "\x03": "q", // Ctrl-C
  "\x04": "q", // Ctrl-D
};

/** The whole terminal, given back when it is disposed of or the program exits. */
export class Screen implements Disposable {
  readonly #events: ScreenEvent[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #restore = (): void => {
    Deno.stdin.setRaw(false);
    write(LEAVE);
  };
  /** Has the screen drawn again; bound once, as the listener of a signal. */
  readonly redraw = (): void => this.#add("redraw");
  #wake: (() => void) | undefined;

  /** Takes the terminal. */
  constructor() {
    // A second Ctrl-C exits at once.
    globalThis.addEventListener("unload", this.#restore);
    Deno.stdin.setRaw(true);
    write(ENTER);
    this.#timer = setInterval(() => this.#add("tick"), TICK_MS);
    if (Deno.build.os !== "windows") {
      Deno.addSignalListener("SIGWINCH", this.redraw);
    }
    this.#readKeys().catch(() => this.#add("end"));
  }

  /** Whether there is a terminal to take: a keyboard and a screen. */
  static get isPossible(): boolean {
    return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  }

  /** Its size in characters. */
  get size(): { readonly columns: number; readonly rows: number } {
    return Deno.consoleSize();
  }

  /** The next event, in order. */
  async next(): Promise<ScreenEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Draws all of the screen. */
  draw(lines: readonly ScreenLine[]): void {
    const shown = lines.slice(0, this.size.rows).map(({ text, style }) =>
      style ? `${STYLES[style]}${text}\x1b[0m` : text
    );
    write(`\x1b[H${shown.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`);
  }

  /** Gives the terminal back. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (Deno.build.os !== "windows") {
      Deno.removeSignalListener("SIGWINCH", this.redraw);
    }
    globalThis.removeEventListener("unload", this.#restore);
    this.#restore();
  }

  #add(event: ScreenEvent): void {
    const last = this.#events.at(-1);
    if (event === last && (event === "tick" || event === "redraw")) return;
    if (this.#events.length < MAX_WAITING) this.#events.push(event);
    this.#wake?.();
  }

  async #readKeys(): Promise<void> {
    const buffer = new Uint8Array(256);
    const decoder = new TextDecoder();
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return this.#add("end");
      const text = decoder.decode(buffer.subarray(0, count), { stream: true });
      for (const key of keysOf(text)) this.#add(key);
    }
  }
}

/** The names of the keys that were typed; letters stand for themselves. */
export function keysOf(text: string): string[] {
  const sequences =
    // deno-lint-ignore no-control-regex -- Keys send controls.
    text.match(/\x1b(?:\[[\d;]*[A-Za-z~]|O[A-Za-z])|[^]/gu) ?? [];
  return sequences.map((each) => KEYS[each] ?? each)
    .filter((key) => !key.startsWith("\x1b"));
}

function write(text: string): void {
  try {
    writeAll(Deno.stdout, text);
  } catch {
    // The terminal is gone; the keyboard's end ends the program.
  }
}
