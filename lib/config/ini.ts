/** One value of an ini text and the line (from 1) where its key stands. */
export interface IniValue {
  /** What stands after the delimiter, ends trimmed. */
  readonly value: string;
  /** Where the key stands, counted from 1. */
  readonly line: number;
}

/** The values of one section, by lower-case key, in the text's order. */
export type IniSection = ReadonlyMap<string, IniValue>;

/** The section whose values hold for every other section that does not set them itself. */
export const INI_DEFAULT_SECTION = "DEFAULT";

/**
 * Values of all sections together, fallen-through ones included. Without a cap a text of 64 KiB, half
 * of it defaults and half of it empty sections, would grow to tens of millions of values.
 */
export const MAX_INI_VALUES = 10_000;

/** An ini text that breaks a rule. The message never quotes a line, for it may hold a password. */
export class IniSyntaxError extends SyntaxError {
  /** Name shown in traces. */
  override readonly name: string = "IniSyntaxError";
  /** The line that breaks the rule, counted from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly problem: string;

  /**
   * Makes the error.
   *
   * @param line The line that breaks the rule, counted from 1.
   * @param problem What is wrong with it.
   */
  constructor(line: number, problem: string) {
    super(`Cannot read line ${line}: ${problem}`);
    this.line = line;
    this.problem = problem;
  }
}

// What Python's str.strip() takes for blank. String.trim() differs: it strips U+FEFF and leaves U+001C
// to U+001F and U+0085, and a password must come out the same.
function isBlank(char: string): boolean {
  if (char === "\ufeff") return false;
  return /\s/.test(char) || char === "\x85" ||
    (char >= "\x1c" && char <= "\x1f");
}

function firstInk(text: string): number {
  let at = 0;
  while (at < text.length && isBlank(text.charAt(at))) at++;
  return at;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isBlank(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function trim(text: string): string {
  return trimEnd(text.slice(firstInk(text)));
}

interface OpenValue {
  readonly line: number;
  readonly parts: string[];
}

interface OpenSection {
  readonly line: number;
  readonly values: Map<string, OpenValue>;
}

/** Reads line by line; what a line means depends on the section, the key and the indent before it. */
class IniReader {
  readonly #defaults: OpenSection = { line: 0, values: new Map() };
  readonly #sections = new Map<string, OpenSection>();
  #section: OpenSection | undefined;
  #value: OpenValue | undefined;
  #indent = 0;

  push(line: number, text: string): void {
    const indent = firstInk(text);
    const content = trimEnd(text.slice(indent));
    if (content === "") {
      // Kept, as blank lines may lie between the lines of one value; those at its end are trimmed.
      this.#value?.parts.push("");
    } else if (content.startsWith("#") || content.startsWith(";")) {
      return;
    } else if (this.#value !== undefined && indent > this.#indent) {
      this.#value.parts.push(content);
    } else {
      this.#indent = indent;
      this.#open(line, content);
    }
  }

  finish(): Map<string, IniSection> {
    const defaults = closed(this.#defaults);
    const sections = new Map<string, IniSection>();
    sections.set(INI_DEFAULT_SECTION, defaults);
    let count = defaults.size;
    for (const [name, section] of this.#sections) {
      count += defaults.size + section.values.size;
      if (count > MAX_INI_VALUES) {
        const problem = `more than ${MAX_INI_VALUES} values in all sections`;
        throw new IniSyntaxError(section.line, problem);
      }
      sections.set(name, new Map([...defaults, ...closed(section)]));
    }
    return sections;
  }

  #open(line: number, content: string): void {
    // As in Python the name ends at the last bracket, is not trimmed, and what follows is ignored.
    const end = content.lastIndexOf("]");
    if (content.startsWith("[") && end > 1) {
      this.#section = this.#openSection(line, content.slice(1, end));
      this.#value = undefined;
    } else if (this.#section === undefined) {
      throw new IniSyntaxError(line, "no [section] stands above it");
    } else {
      this.#value = openValue(this.#section, line, content);
    }
  }

  #openSection(line: number, name: string): OpenSection {
    // [DEFAULT] may be opened again and again, other sections once.
    if (name === INI_DEFAULT_SECTION) return this.#defaults;
    const known = this.#sections.get(name);
    if (known !== undefined) {
      const problem = `the section is already on line ${known.line}`;
      throw new IniSyntaxError(line, problem);
    }
    const section: OpenSection = { line, values: new Map() };
    this.#sections.set(name, section);
    return section;
  }
}

function openValue(
  section: OpenSection,
  line: number,
  content: string,
): OpenValue {
  const delimiter = content.search(/[=:]/);
  if (delimiter < 0) throw new IniSyntaxError(line, "no = or : after the key");
  const key = trimEnd(content.slice(0, delimiter)).toLowerCase();
  if (key === "") throw new IniSyntaxError(line, "no key before the = or :");
  const known = section.values.get(key);
  if (known !== undefined) {
    const problem = `the section has the key already, on line ${known.line}`;
    throw new IniSyntaxError(line, problem);
  }
  const value = { line, parts: [trim(content.slice(delimiter + 1))] };
  section.values.set(key, value);
  return value;
}

function closed(section: OpenSection): IniSection {
  const values = new Map<string, IniValue>();
  for (const [key, { line, parts }] of section.values) {
    values.set(key, { line, value: trimEnd(parts.join("\n")) });
  }
  return values;
}

/**
 * Reads an ini text by the rules of Python's `configparser` with interpolation off, so that values come
 * out verbatim: the first `=` or `:` ends the key, keys are lower-cased, ends are trimmed, `#` and
 * `;` begin a comment at the start of a line only, and a line indented deeper than its key continues
 * the value after a `\n`. Lines end in LF, CRLF or CR; one byte order mark at the start is skipped.
 *
 * @param text The whole text.
 * @returns The sections by name, `DEFAULT` always first; the others also hold what they do not set
 *     themselves and `DEFAULT` does.
 * @throws {IniSyntaxError} If a key has no section, no delimiter or no name, a section or a key stands
 *     twice, or there are more than {@linkcode MAX_INI_VALUES} values.
 */
export function parse(text: string): Map<string, IniSection> {
  const reader = new IniReader();
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) reader.push(index + 1, line);
  return reader.finish();
}
