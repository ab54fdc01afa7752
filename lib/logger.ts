/**
 * One line per event on stderr, as text (logfmt) or as JSON. Text that a peer supplied is quoted and
 * escaped, so that an event stays on one line and cannot control a terminal.
 *
 * @module
 */

/** What an event's fields may hold; `undefined` fields are left out. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | undefined>
>;

/** How the lines look. */
export type LogFormat = "text" | "json";

/** Takes events. */
export interface Logger {
  /**
   * Writes one line.
   *
   * @param event What happened, in one hyphenated word (`watch-end`).
   * @param fields Who, where, how much, why. Bytes and seconds are named in the key.
   */
  log(event: string, fields?: LogFields): void;
}

/** A logger that writes nothing. */
export const silentLogger: Logger = { log: (): void => {} };

/**
 * Makes a logger.
 *
 * @param format How the lines look.
 * @param write Takes one line with its line end.
 * @param now Milliseconds since 1970, for the time stamps.
 */
export function createLogger(
  format: LogFormat,
  write: (line: string) => void,
  now: () => number = Date.now,
): Logger {
  const line = format === "json" ? jsonLine : textLine;
  return {
    log: (event, fields = {}) =>
      write(line(new Date(now()).toISOString(), event, fields)),
  };
}

/** Characters of a value that needs no quotes. */
const PLAIN = /^[\w.:/@+[\]-]+$/;

function textLine(time: string, event: string, fields: LogFields): string {
  let line = `${time} ${event}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${key}=${textValue(String(value))}`;
  }
  // All of it: `fstream events` prints names and keys that a server supplied.
  return escapeControls(line) + "\n";
}

function textValue(value: string): string {
  return PLAIN.test(value) ? value : JSON.stringify(value);
}

function jsonLine(time: string, event: string, fields: LogFields): string {
  return escapeControls(JSON.stringify({ time, event, ...fields })) + "\n";
}

/** C0, DEL and C1 controls, line separators, and what changes the direction of writing. */
const CONTROLS =
  // deno-lint-ignore no-control-regex -- They are what it looks for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Escapes the characters that terminals obey instead of showing, as `\uXXXX`. For text that a peer
 * supplied, and for JSON, which leaves many of them as they are.
 */
export function escapeControls(text: string): string {
  return text.replace(
    CONTROLS,
    (char) => "\\u" + char.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
