import type { FieldLines } from "./field_lines.ts";

/** How a request's body is delimited (RFC 9112 §6). */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" };

/** A body's framing, and the first violation of it. */
export interface FramingResult {
  /** `none` when there is a problem. */
  readonly body: BodyFraming;
  /** What makes two recipients disagree about where the body ends. */
  readonly problem: string | undefined;
}

/** Digits of a `Content-Length`: all numbers of that many digits are exact. */
const MAX_LENGTH_DIGITS = 15;

const NO_BODY: FramingResult = { body: { kind: "none" }, problem: undefined };
const CHUNKED: FramingResult = {
  body: { kind: "chunked" },
  problem: undefined,
};

/**
 * Reads how the body is delimited. Whatever another recipient might read differently is a problem, also
 * where RFC 9112 §6.3 would let it pass: a list of equal lengths, `Transfer-Encoding` together with
 * `Content-Length`, codings other than `chunked`.
 */
export function readBodyFraming(
  { fields, repeated }: FieldLines,
  minorVersion: 0 | 1,
): FramingResult {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  if (coding !== undefined) {
    return transferCoding(coding, length !== undefined, minorVersion);
  }
  if (length === undefined) return NO_BODY;
  if (repeated.has("content-length")) return bad("Content-Length twice");
  if (!/^\d+$/.test(length)) return bad("a malformed Content-Length");
  if (length.length > MAX_LENGTH_DIGITS) {
    return bad(`Content-Length of more than ${MAX_LENGTH_DIGITS} digits`);
  }
  const body = { kind: "length", bytes: Number(length) } as const;
  return { body, problem: undefined };
}

function transferCoding(
  coding: string,
  hasLength: boolean,
  minorVersion: 0 | 1,
): FramingResult {
  if (hasLength) return bad("both Content-Length and Transfer-Encoding");
  if (minorVersion === 0) return bad("Transfer-Encoding in HTTP/1.0");
  if (coding.toLowerCase() === "chunked") return CHUNKED;
  return bad("a Transfer-Encoding other than chunked");
}

function bad(problem: string): FramingResult {
  return { body: { kind: "none" }, problem };
}
