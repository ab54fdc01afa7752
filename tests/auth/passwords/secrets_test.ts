import { assertEquals } from "@std/assert";
import {
  MAX_SECRET_BYTES,
  secretsEqual,
} from "../../../lib/auth/passwords/secrets.ts";

const PAIRS: readonly (readonly [string, string, boolean])[] = [
  ["secret", "secret", true],
  ["", "", true],
  ['a;b#c=d "e"', 'a;b#c=d "e"', true],
  ["äöü", "äöü", true],
  ["secret", "secres", false],
  ["tecret", "secret", false],
  ["secret", "Secret", false],
  ["secret", "secret\0", false],
  ["\0", "", false],
  ["secret", "secre", false],
  ["secret", "", false],
  ["007", "7", false],
  // The same letters, composed and not: other bytes, another password.
  ["\u00e4", "a\u0308", false],
  ["a".repeat(MAX_SECRET_BYTES), "a".repeat(MAX_SECRET_BYTES), true],
  ["a".repeat(MAX_SECRET_BYTES + 1), "a".repeat(MAX_SECRET_BYTES + 1), false],
  ["a".repeat(MAX_SECRET_BYTES), "a".repeat(MAX_SECRET_BYTES + 1), false],
  // What does not fit is a character of four bytes, three of which would.
  [
    "a".repeat(MAX_SECRET_BYTES - 3),
    "a".repeat(MAX_SECRET_BYTES - 3) + "😀",
    false,
  ],
];

for (const [a, b, equal] of PAIRS) {
  const name = `${JSON.stringify(a.slice(-9))} and ${
    JSON.stringify(b.slice(-9))
  }`;
  const lengths = `${a.length} and ${b.length} long`;
  Deno.test(`secretsEqual() is ${equal} for ${name}, ${lengths}`, () => {
    assertEquals(secretsEqual(a, b), equal);
    assertEquals(secretsEqual(b, a), equal);
  });
}
