import { isValueCharacter, tokenEnd } from "./characters.ts";

/** Header fields of one head. Browsers send about 20; each costs an entry in a map. */
export const MAX_HEADER_FIELDS = 100;

/** The header fields of a head. */
export interface FieldLines {
  /** Lower-case names; values of a name that occurs again are joined with `", "`. */
  readonly fields: Map<string, string>;
  /** Names that occur more than once. */
  readonly repeated: ReadonlySet<string>;
  /** The first violation of RFC 9112 §5; its line is not in `fields`, unless only its end is wrong. */
  readonly problem: string | undefined;
}

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;

/** Says that a line ends in LF alone, which peers before and behind may read differently. */
export const BARE_LF = "a line ends in LF without CR";

/** Says that CR stands elsewhere than before LF. */
export const BARE_CR = "CR without LF";

/**
 * Reads field lines up to the empty line (RFC 9112 §5).
 *
 * @param text The head, one character for each byte.
 * @param start Where the first field line starts.
 */
export function readFieldLines(text: string, start: number): FieldLines {
  const reader = new FieldLineReader(text);
  const problem = reader.read(start);
  const { fields, repeated } = reader;
  return { fields, repeated, problem };
}

class FieldLineReader {
  readonly fields: Map<string, string> = new Map();
  readonly repeated: Set<string> = new Set();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads all lines; returns the first problem. */
  read(start: number): string | undefined {
    const text = this.#text;
    let problem: string | undefined;
    let lines = 0;
    for (let at = start;;) {
      const lf = text.indexOf("\n", at);
      if (lf === -1) return problem ?? "no empty line ends the head";
      const end = lf > at && text.charCodeAt(lf - 1) === CR ? lf - 1 : lf;
      if (end === lf) problem ??= BARE_LF;
      if (end === at) {
        if (lf + 1 < text.length) problem ??= "bytes behind the empty line";
        return problem;
      }
      if (lines++ === MAX_HEADER_FIELDS) {
        return problem ?? `more than ${MAX_HEADER_FIELDS} header fields`;
      }
      const found = this.#readLine(at, end);
      problem ??= found;
      at = lf + 1;
    }
  }

  #readLine(start: number, end: number): string | undefined {
    const text = this.#text;
    const colon = tokenEnd(text, start);
    if (colon === start || text.charCodeAt(colon) !== COLON) {
      return nameProblem(text, start, colon, end);
    }
    let from = colon + 1;
    while (from < end && isBlank(text.charCodeAt(from))) from++;
    let to = end;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
    for (let at = from; at < to; at++) {
      const code = text.charCodeAt(at);
      if (isValueCharacter(code)) continue;
      return code === CR ? BARE_CR : "a control character in a header value";
    }
    this.#add(text.slice(start, colon).toLowerCase(), text.slice(from, to));
    return undefined;
  }

  #add(name: string, value: string): void {
    const before = this.fields.get(name);
    if (before !== undefined) this.repeated.add(name);
    this.fields.set(name, before === undefined ? value : `${before}, ${value}`);
  }
}

/** Says why no header name starts at `start`; `stop` is the first character that a name cannot contain. */
function nameProblem(
  text: string,
  start: number,
  stop: number,
  end: number,
): string {
  const code = text.charCodeAt(stop);
  if (stop >= end) return "a header line without a colon";
  if (code === CR) return BARE_CR;
  if (code === COLON) return "an empty header name";
  if (!isBlank(code)) return "an invalid character in a header name";
  if (stop === start) return "a folded header line";
  return "whitespace in or behind a header name";
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
