/** One command of a transcript and what it has to do. */
export interface Step {
  /** The line of the file where it stands, from 1. */
  readonly line: number;
  /** Shell text. */
  readonly command: string;
  /** Expected lines; `…` stands for any text within a line, and alone for any number of lines. */
  readonly stdout: readonly string[];
  /** The same of stderr. */
  readonly stderr: readonly string[];
  /** Expected exit status. */
  readonly status: number;
}

/**
 * Reads a transcript: `$ command`, `> ` its further lines, `1> ` and `2> ` what it writes, `? ` its
 * status, which must be stated; `#` begins a comment.
 *
 * @throws {Error} naming file and line when it cannot be read, or holds no command.
 */
export function parseTranscript(name: string, text: string): Step[] {
  const steps: Step[] = [];
  let open: Draft | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [, mark, rest = ""] = /^(\$|>|1>|2>|\?)(?: (.*))?$/.exec(line) ?? [];
    if (mark === "$" && !open) {
      open = { line: index + 1, command: rest, stdout: [], stderr: [] };
    } else if (mark === "?" && open && /^\d+$/.test(rest)) {
      steps.push({ ...open, status: Number(rest) });
      open = undefined;
    } else if (!open || !addLine(open, mark, rest)) {
      throw new Error(`Cannot read ${name} line ${index + 1}: ${line}`);
    }
  }
  if (open) throw new Error(`Cannot read ${name}: no status at its end`);
  if (steps.length === 0) throw new Error(`Cannot read ${name}: no command`);
  return steps;
}

interface Draft {
  readonly line: number;
  command: string;
  readonly stdout: string[];
  readonly stderr: string[];
}

function addLine(open: Draft, mark: string | undefined, rest: string): boolean {
  if (mark === "1>") open.stdout.push(rest);
  else if (mark === "2>") open.stderr.push(rest);
  else if (mark === ">" && open.stdout.length + open.stderr.length === 0) {
    open.command += `\n${rest}`;
  } else return false;
  return true;
}

/**
 * Tells whether text is what some lines expect. A line end at the very end may be there or not.
 *
 * @param expected Lines as in {@linkcode Step}.
 */
export function matchesLines(
  text: string,
  expected: readonly string[],
): boolean {
  const pattern = expected.map((line) =>
    line === "…" ? "(?:[^\n]*\n)*?" : `${anyTextWithin(line)}\n`
  );
  const whole = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return new RegExp(`^${pattern.join("")}$`).test(whole);
}

function anyTextWithin(line: string): string {
  return line.split("…").map((part) => RegExp.escape(part)).join("[^\n]*");
}
