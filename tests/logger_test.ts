import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  createLogger,
  escapeControls,
  type LogFormat,
  silentLogger,
} from "../lib/logger.ts";

const NOON = Date.UTC(2026, 0, 2, 12, 0, 0, 5);

function lineOf(
  format: LogFormat,
  event: string,
  fields?: Record<string, string | number | boolean | undefined>,
): string {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  createLogger(format, write, () => NOON).log(event, fields);
  assertEquals(lines.length, 1);
  return lines[0]!;
}

Deno.test("createLogger() writes time, event and fields as logfmt", () => {
  assertEquals(
    lineOf("text", "watch-end", {
      user: "fier",
      remote: "[::1]:5000",
      bytes: 12,
      clean: true,
      gone: undefined,
      reason: "the channel ended",
    }),
    "2026-01-02T12:00:00.005Z watch-end user=fier remote=[::1]:5000 bytes=12 " +
      'clean=true reason="the channel ended"\n',
  );
  assertEquals(lineOf("text", "stop"), "2026-01-02T12:00:00.005Z stop\n");
});

Deno.test("createLogger() writes the same as JSON", () => {
  assertEquals(
    lineOf("json", "watch-end", { user: "fier", bytes: 12, gone: undefined }),
    '{"time":"2026-01-02T12:00:00.005Z","event":"watch-end","user":"fier","bytes":12}\n',
  );
});

Deno.test("createLogger() quotes in text whatever could be taken for something else", () => {
  for (
    const [value, text] of [
      ["", '""'],
      ["a b", '"a b"'],
      ["a=b", '"a=b"'],
      ['say "a"', '"say \\"a\\""'],
      ["C:\\x", '"C:\\\\x"'],
      ["fier reason=ok", '"fier reason=ok"'],
      ["plain-1.2:/@+_[]", "plain-1.2:/@+_[]"],
      ["Ä", '"Ä"'],
    ] as const
  ) {
    const line = lineOf("text", "e", { value });
    assertEquals(line.slice(line.indexOf("value=") + 6, -1), text);
  }
});

/** What ends a line, steers a terminal, or turns the direction of writing. */
const HARMFUL = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, code) => 0x7f + code),
  0x061c,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
  ...[0x2066, 0x2067, 0x2068, 0x2069],
].map((code) => String.fromCharCode(code));

Deno.test("createLogger() lets no control character through, in either format", () => {
  for (const format of ["text", "json"] as const) {
    for (const char of HARMFUL) {
      if (char === "\xa0") continue; // A blank, and no control.
      const line = lineOf(format, "e", { value: `a${char}b` });
      const code = char.charCodeAt(0).toString(16);
      assert(!line.slice(0, -1).includes(char), `${format}: U+${code}`);
      assertEquals(line.split("\n").length, 2);
    }
  }
});

Deno.test("createLogger() escapes controls in names of events and fields, which a server supplied to its client", () => {
  const evil = "a\u001b[2J\n\u202eb";
  for (const format of ["text", "json"] as const) {
    const line = lineOf(format, evil, { [evil]: 1 });
    assertEquals(line, escapeControls(line.slice(0, -1)) + "\n", format);
  }
});

Deno.test("createLogger() keeps what JSON readers need to read the value back", () => {
  const value = HARMFUL.join("") + '"\\Ä😀';
  assertEquals(JSON.parse(lineOf("json", "e", { value })).value, value);
  const text = lineOf("text", "e", { value });
  assertEquals(JSON.parse(text.slice(text.indexOf('"'), -1)), value);
});

Deno.test("escapeControls() escapes what terminals obey, and nothing else", () => {
  for (const char of HARMFUL) {
    const code = char.charCodeAt(0).toString(16).padStart(4, "0");
    const escaped = char === "\xa0" ? char : `\\u${code}`;
    assertEquals(escapeControls(`a${char}b`), `a${escaped}b`);
  }
  const plain = 'C:\\x "Ä😀" <\u00ad\u3000>';
  assertEquals(escapeControls(plain), plain);
});

Deno.test("createLogger() stamps with the present time by default", () => {
  const before = new Date().toISOString();
  let line = "";
  createLogger("text", (text) => line = text).log("e");
  const [time = ""] = line.split(" ");
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(before <= time && time <= new Date().toISOString());
});

Deno.test("silentLogger says nothing and takes everything", () => {
  assertEquals(silentLogger.log("e", { a: 1 }), undefined);
});
