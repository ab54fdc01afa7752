/**
 * Readers of values that only settings have. Each throws `SyntaxError` with what it expects.
 *
 * @module
 */

import type { LogFormat } from "../logger.ts";
import { type Address, parseAddress } from "../net/address.ts";

/** Reads a path that is required. */
export function nonEmpty(text: string): string {
  if (text === "") throw new SyntaxError("expects a path");
  return text;
}

/** Reads an optional path. */
export function optionalPath(text: string): string | undefined {
  return text || undefined;
}

/** Reads a log format. */
export function parseLogFormat(text: string): LogFormat {
  if (text === "text" || text === "json") return text;
  throw new SyntaxError(
    `expects text or json, not ${JSON.stringify(text.slice(0, 80))}`,
  );
}

/**
 * Makes a reader that rejects numbers below a minimum.
 *
 * @param parse Reads the number.
 * @param least The minimum.
 * @param written The minimum as people write it, for the error.
 */
export function atLeast(
  parse: (text: string) => number,
  least: number,
  written: string,
): (text: string) => number {
  return function parseAtLeast(text: string): number {
    const value = parse(text);
    if (value >= least) return value;
    throw new SyntaxError(
      `expects at least ${written}, not ${JSON.stringify(text)}`,
    );
  };
}

/** Reads a comma-separated list of addresses. */
export function parseAddresses(text: string, defaultPort: number): Address[] {
  return text.split(",").map((part) => parseAddress(part, defaultPort));
}

/** Reads an optional URL, `http` or `https`. */
export function parseUrl(text: string): string | undefined {
  if (text === "") return undefined;
  if (/^https?:\/\/./.test(text) && URL.canParse(text)) return text;
  // It is not shown: it may hold a secret.
  throw new SyntaxError("expects an address such as https://example.org/auth");
}

/** An origin as browsers send it (RFC 6454 §6.2), or `*`. */
export function parseOrigin(text: string): string {
  if (text === "" || text === "*") return text;
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new SyntaxError(
    `expects an origin such as https://example.org, not ${
      JSON.stringify(text)
    }`,
  );
}

/** A Bearer token (RFC 6750 §2.1) of at least 8 characters, or empty for none. */
export function parseToken(text: string): string {
  if (text === "" || /^[\w.~+/-]{8,}=*$/.test(text)) return text;
  // It is not shown: it is a secret.
  throw new SyntaxError("expects at least 8 letters, digits or -._~+/");
}
