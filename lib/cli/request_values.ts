import { parseSeconds, parseSize } from "../config/values.ts";
import { UsageError } from "../errors.ts";
import { MAX_BUFSIZE, MAX_SECONDS, STARTS } from "../wire/request.ts";
import { closest } from "./suggest.ts";

/** What the server takes for each key, where that is not any text. */
const READERS: Readonly<Record<string, (text: string) => string | number>> = {
  burst: readTime,
  wait: readTime,
  hold: readTime,
  bufsize: readBufsize,
  start: readStart,
};

/**
 * Turns a value as people write it (`2m`, `64K`) into what is sent for the key.
 *
 * @param where Names the value in errors: `--burst`.
 * @throws {UsageError} For what the server would not understand, or the protocol cannot carry.
 */
export function readRequestValue(
  key: string,
  text: string,
  where: string,
): string | number {
  if (text.includes(",")) {
    throw new UsageError(
      `${where} contains a comma, which the protocol cannot carry`,
      "requests are written as verb,key=value,key=value and nothing in them is escaped",
    );
  }
  const read = READERS[key];
  if (read === undefined || text === "") return text;
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${where} ${error.message}`);
  }
}

function readTime(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds > MAX_SECONDS) {
    throw new SyntaxError(
      `expects at most ${MAX_SECONDS / 3600}h, not "${text}"`,
    );
  }
  // The protocol carries six decimals, and 1.1 minutes have more in floating point.
  return Number(seconds.toFixed(6));
}

function readBufsize(text: string): number {
  const bytes = parseSize(text);
  if (bytes <= MAX_BUFSIZE) return bytes;
  throw new SyntaxError(
    `expects at most ${MAX_BUFSIZE / 2 ** 20}M, not "${text}"`,
  );
}

function readStart(text: string): string {
  const known: readonly string[] = STARTS;
  if (known.includes(text)) return text;
  const meant = closest(text, known);
  const suggestion = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new SyntaxError(
    `expects ${known.slice(0, -1).join(", ")} or ${
      known.at(-1)
    }, not "${text}"${suggestion}`,
  );
}
