import { escapeControls } from "../../logger.ts";

/** One column of a table. */
export interface Column<T> {
  /** Its heading. */
  readonly title: string;
  /** Whether its cells end at the same place, as numbers should. */
  readonly right?: boolean;
  /** What stands in it; controls are escaped. */
  cell(row: T): string;
}

/** Columns between two cells. */
const GAP = "  ";

/**
 * Lays rows out in columns as wide as their widest cell.
 *
 * @returns The heading and the rows, without line ends.
 */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
): string[] {
  const cells = rows.map((row) =>
    columns.map(({ cell }) => escapeControls(cell(row)))
  );
  const all = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, at) =>
    Math.max(...all.map((line) => widthOf(line[at]!)))
  );
  return all.map((line) =>
    line.map((text, at) => padded(text, widths[at]!, columns[at]!.right))
      .join(GAP).trimEnd()
  );
}

/** Characters that take two columns: the scripts of East Asia, and emoji (Unicode, annex 11). */
const WIDE =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u;

/** Characters that take none: marks on the one before, and what joins characters. */
const ZERO = /[\p{M}\u200b-\u200d\ufe00-\ufe0f]/u;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  }
  return width;
}

/** Cuts a line to a number of columns of a terminal. */
export function clipped(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let text = "";
  let width = 0;
  for (const char of line) {
    width += widthOf(char);
    if (width > columns) break;
    text += char;
  }
  return text;
}

function padded(text: string, width: number, right = false): string {
  const blanks = " ".repeat(Math.max(width - widthOf(text), 0));
  return right ? blanks + text : text + blanks;
}
