/**
 * Texts of a framed stream: a word and keys, `word,key=value,key=value…`, as in requests and statuses.
 *
 * @module
 */

import { encodeFrame } from "./frame.ts";
import { formatRequest } from "./request.ts";

/** A text of a framed stream. */
export interface FramedMessage {
  /** The word before the first comma: `jump`, `end`, `received` … */
  readonly word: string;
  /** The keys. */
  readonly values: ReadonlyMap<string, string>;
}

/** Encodes a text frame; commas in values become semicolons, because the format cannot carry them. */
export function encodeMessage(
  word: string,
  values: Readonly<Record<string, string | number | undefined>> = {},
): Uint8Array<ArrayBuffer> {
  const safe = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === "string" ? value.replaceAll(",", ";") : value,
  ]);
  return encodeFrame(formatRequest(word, Object.fromEntries(safe), "_"));
}

/** Reads a text of a framed stream; `received=5` has the word `received` and the key `received`. */
export function parseMessage(text: string): FramedMessage {
  const values = new Map<string, string>();
  const [first = "", ...pairs] = text.split(",");
  const split = first.indexOf("=");
  for (const pair of split < 0 ? pairs : [first, ...pairs]) {
    const at = pair.indexOf("=");
    if (at > 0) values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return { word: split < 0 ? first : first.slice(0, split), values };
}

/** A count in a text: decimal digits, fifteen at most; `undefined` for anything else. */
export function countOf(text: string | undefined): number | undefined {
  return text && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
