import { assertEquals, assertExists } from "@std/assert";
import {
  channelProblem,
  MAX_CHANNEL_BYTES,
  MAX_USER_BYTES,
  nameProblem,
} from "../../../lib/auth/users/names.ts";

const GOOD_NAMES = [
  "fier",
  "a",
  "a.b-c_d+e",
  "alice@example.org",
  "two words",
  "äöü",
  "名前",
  "com",
  "com10",
  "console",
  "null",
  "nul-1",
  "lpt",
  "__proto__",
  "a".repeat(MAX_USER_BYTES),
  "ä".repeat(MAX_USER_BYTES / 2),
];

const BAD_NAMES = [
  "",
  ".",
  "..",
  ".hidden",
  "../fier",
  "..\\fier",
  "a/b",
  "/etc/passwd",
  "a\\b",
  "C:fier",
  "fier:stream",
  "a..b",
  "fier\0",
  "\0",
  "a\nb",
  "a\u007fb",
  "a\u0085b",
  "a\u2028b",
  "fier.",
  "fier ",
  "con",
  "CON",
  "Con.x",
  "con .x",
  "prn",
  "AUX",
  "nul",
  "com1",
  "COM0",
  "LPT9.txt",
  "com¹",
  "lpt³",
  "conin$",
  "CONOUT$",
  "clock$",
  "a*",
  "a?",
  'a"b',
  "a<b",
  "a>b",
  "a|b",
  "\ud800",
  "a".repeat(MAX_USER_BYTES + 1),
  "ä".repeat(MAX_USER_BYTES / 2) + "a",
  "a".repeat(1_000_000),
];

for (const name of GOOD_NAMES) {
  Deno.test(`nameProblem() takes ${JSON.stringify(name)}`, () => {
    assertEquals(nameProblem(name), undefined);
  });
}

for (const name of BAD_NAMES) {
  Deno.test(`nameProblem() refuses ${JSON.stringify(name).slice(0, 80)}`, () => {
    assertExists(nameProblem(name));
  });
}

Deno.test("nameProblem() says what is wrong", () => {
  assertEquals(nameProblem("../x"), "begins with a dot");
  assertEquals(nameProblem("a\0"), "has a control character");
  assertEquals(nameProblem("a".repeat(65)), "is longer than 64 bytes");
  assertEquals(nameProblem("nul"), "is a device on Windows");
});

Deno.test("channelProblem() takes any text without control characters", () => {
  const most = "ä".repeat(MAX_CHANNEL_BYTES / 2);
  for (const channel of ["default", "../x", "a/b", "con", ".", " ", most]) {
    assertEquals(channelProblem(channel), undefined, channel);
  }
});

Deno.test("channelProblem() rejects an empty name, control characters, invalid UTF-8 and too many bytes", () => {
  const tooLong = "a".repeat(MAX_CHANNEL_BYTES + 1);
  for (const channel of ["", "a\nb", "a\0", "\u009b", "\udc00", tooLong]) {
    assertExists(channelProblem(channel), JSON.stringify(channel));
  }
});
