import type { Signature, Verdict } from "../container.ts";

/** Fixed bytes at the start: each pattern has one character per byte, and `?` for any byte. */
export function magics(...patterns: readonly string[]): Signature {
  return (head) => {
    const verdicts = patterns.map((pattern) => matchMagic(head, pattern));
    if (verdicts.includes("yes")) return "yes";
    return verdicts.includes("more") ? "more" : "no";
  };
}

/** Compares the first bytes with one pattern of {@linkcode magics}. */
export function matchMagic(head: Uint8Array, pattern: string): Verdict {
  const length = Math.min(head.length, pattern.length);
  for (let i = 0; i < length; i++) {
    if (pattern[i] !== "?" && head[i] !== pattern.charCodeAt(i)) return "no";
  }
  return length === pattern.length ? "yes" : "more";
}
