import { assertEquals } from "@std/assert";
import { MAX_LINE_CHARS, SecretLine } from "../../lib/cli/secret_line.ts";

/** The results of keys: each line, `^C` for an interruption, and `…` for an unfinished line. */
function typed(...chunks: readonly string[]): string[] {
  const secret = new SecretLine();
  const results: string[] = [];
  for (const chunk of chunks) {
    secret.push(chunk);
    for (let next = secret.next();; next = secret.next()) {
      if (next.state === "line") results.push(next.line);
      else results.push(next.state === "open" ? "…" : "^C");
      if (next.state !== "line") break;
    }
  }
  return results;
}

Deno.test("SecretLine reads lines and the keys that edit them", () => {
  assertEquals(typed("123\r"), ["123", "…"]);
  assertEquals(typed("1", "2", "3\n"), ["…", "…", "123", "…"]);
  assertEquals(typed("a\rb\r\nc"), ["a", "b", "…"]);
  assertEquals(typed("c\x04"), ["c", "…"]);
  assertEquals(typed("12\x7f3\b4\r"), ["14", "…"]);
  assertEquals(typed("\x7f\x7f1\r"), ["1", "…"]);
  assertEquals(typed("12\x1534\r"), ["34", "…"]);
  assertEquals(typed("a\x1b[A\x1b[1;5C\x1bOPb\t\x00\r"), ["ab", "…"]);
  assertEquals(typed("öß😀\x7f\r"), ["öß", "…"]);
  assertEquals(typed("secret\x03"), ["^C"]);
});

Deno.test("SecretLine keeps no more of a line than its cap", () => {
  const [line] = typed("x".repeat(MAX_LINE_CHARS + 10) + "\r");
  assertEquals(line?.length, MAX_LINE_CHARS);
});
