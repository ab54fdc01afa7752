/** What a mutant changes, by the kind of bug that it stands for. */
export type Kind =
  | "boundary"
  | "condition"
  | "arithmetic"
  | "constant"
  | "await"
  | "statement"
  | "arguments"
  | "field";

/** Every {@linkcode Kind}, in the order in which mutants are drawn. */
export const KINDS: readonly Kind[] = [
  "boundary",
  "condition",
  "statement",
  "await",
  "constant",
  "arguments",
  "field",
  "arithmetic",
];

/** Characters of a line of source that are printed, at most. */
const MAX_SHOWN = 160;

/** One change at one place of a file. */
export interface Mutant {
  /** The file, from the root of the project. */
  readonly path: string;
  readonly kind: Kind;
  /** Where the replaced text begins and ends, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** What replaces it. */
  readonly text: string;
}

/** The file's text with the mutant in it. */
export function applied(mutant: Mutant, source: string): string {
  return source.slice(0, mutant.start) + mutant.text + source.slice(mutant.end);
}

/** The line of the mutant, from 1. */
export function lineOf(mutant: Mutant, source: string): number {
  return source.slice(0, mutant.start).split("\n").length;
}

/** The lines that change, before and after, on one line each. */
export function changeOf(mutant: Mutant, source: string): string {
  const from = source.lastIndexOf("\n", mutant.start - 1) + 1;
  const next = source.indexOf("\n", mutant.end);
  const to = next < 0 ? source.length : next;
  const before = source.slice(from, to);
  const after = source.slice(from, mutant.start) + mutant.text +
    source.slice(mutant.end, to);
  return `${shown(before)}  →  ${shown(after)}`;
}

/** The folder of `lib/` that a file is in; files that lie directly there have their own name. */
export function moduleOf(path: string): string {
  return path.split("/")[1] ?? path;
}

function shown(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_SHOWN ? line : `${line.slice(0, MAX_SHOWN)}…`;
}
