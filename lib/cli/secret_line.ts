/** The result of the keys so far: an unfinished line, a whole line, or Ctrl-C. */
export type Typed =
  | { readonly state: "open" }
  | { readonly state: "line"; readonly line: string }
  | { readonly state: "interrupted" };

/**
 * Characters of a line that are kept; the rest is dropped. No request is longer, and what is pasted must
 * not fill the memory.
 */
export const MAX_LINE_CHARS = 4096;

/** Keys that a terminal in raw mode leaves to the program: `termios(3)`, by their ASCII codes. */
const KEY = {
  interrupt: "\x03",
  end: "\x04",
  erase: "\x7f",
  backspace: "\b",
  kill: "\x15",
} as const;

/** Arrow and function keys: ECMA-48 §5.4 control sequences, and the SS3 form. */
// deno-lint-ignore no-control-regex -- They begin with ESC.
const FUNCTION_KEY = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)/;

/** A line that is typed without being shown, in a terminal whose own editing keys are off. */
export class SecretLine {
  #pending = "";
  #line: string[] = [];

  /** Takes what was typed or pasted, which may be more than a line. */
  push(text: string): void {
    this.#pending += text;
  }

  /** Takes keys up to the end of a line; the keys after it belong to the next one. */
  next(): Typed {
    while (this.#pending !== "") {
      const key = this.#takeKey();
      if (key === KEY.interrupt) return { state: "interrupted" };
      if (key === "\r" || key === "\n" || key === KEY.end) {
        const line = this.#line.join("");
        this.#line = [];
        return { state: "line", line };
      }
      this.#edit(key);
    }
    return { state: "open" };
  }

  #takeKey(): string {
    const sequence = FUNCTION_KEY.exec(this.#pending)?.[0];
    // A line end of two characters is one key.
    const key = sequence ?? /^(?:\r\n|.|\n)/su.exec(this.#pending)![0];
    this.#pending = this.#pending.slice(key.length);
    return key === "\r\n" ? "\r" : key;
  }

  #edit(key: string): void {
    if (key === KEY.erase || key === KEY.backspace) this.#line.pop();
    else if (key === KEY.kill) this.#line = [];
    else if (/^\P{Cc}$/u.test(key) && this.#line.length < MAX_LINE_CHARS) {
      this.#line.push(key);
    }
  }
}
