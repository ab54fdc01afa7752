import { assertEquals, assertThrows } from "@std/assert";
import { readRequestValue } from "../../lib/cli/request_values.ts";
import { UsageError } from "../../lib/errors.ts";
import { formatRequest, parseRequest } from "../../lib/wire/request.ts";

Deno.test("readRequestValue() turns what people write into what is sent", () => {
  for (
    const [key, text, sent] of [
      ["burst", "2s", 2],
      ["burst", "2", 2],
      ["burst", "0.5", 0.5],
      ["wait", "1.1m", 66],
      ["wait", "24h", 86_400],
      ["hold", "0", 0],
      ["bufsize", "64K", 65_536],
      ["bufsize", "188", 188],
      ["start", "oldest", "oldest"],
      ["channel", "2s", "2s"],
      ["user_password", "a=b", "a=b"],
      // Empty is meant: the server's default.
      ["burst", "", ""],
      ["start", "", ""],
    ] as const
  ) {
    assertEquals(readRequestValue(key, text, "--x"), sent, `${key}=${text}`);
  }
});

Deno.test("readRequestValue() gives the server only what it understands", () => {
  for (const text of ["0.1", "2s", "1.1m", "0.333333h", "1d", "0.000001"]) {
    const burst = readRequestValue("burst", text, "--burst");
    parseRequest(formatRequest("watch", { user: "fier", burst }, "_"));
  }
});

Deno.test("readRequestValue() names the place of a value that is wrong", () => {
  for (
    const [key, text, message] of [
      ["burst", "soon", 'expects a time such as 30 or 2m, not "soon"'],
      ["wait", "25h", 'expects at most 24h, not "25h"'],
      ["bufsize", "5M", 'expects at most 4M, not "5M"'],
      ["bufsize", "-1", 'expects a size such as 512K or 8M, not "-1"'],
      ["start", "bogus", 'expects join, live or oldest, not "bogus"'],
      [
        "start",
        "joim",
        'expects join, live or oldest, not "joim"; did you mean join?',
      ],
    ] as const
  ) {
    const error = assertThrows(
      () => readRequestValue(key, text, "--there"),
      UsageError,
    );
    assertEquals(error.message, `--there ${message}`);
  }
});

Deno.test("readRequestValue() rejects a comma, and shows nothing of the value", () => {
  const error = assertThrows(
    () => readRequestValue("user_password", "s3,cret", "--user-password"),
    UsageError,
  );
  assertEquals(
    error.message,
    "--user-password contains a comma, which the protocol cannot carry",
  );
});
