import { assertEquals, assertThrows } from "@std/assert";
import { Refusal, type RefusalCode, REFUSALS } from "../../lib/errors.ts";
import { wantsReply } from "../../lib/wire/request.ts";
import {
  formatStatus,
  parseStatus,
  type Status,
} from "../../lib/wire/status.ts";

Deno.test("formatStatus() writes ok with its keys, and a refusal without commas or detail", () => {
  assertEquals(formatStatus(undefined), "ok");
  assertEquals(
    formatStatus(undefined, { token: "a=", "expires_in": 120 }),
    "ok,token=a=,expires_in=120",
  );
  const refusal = new Refusal("limit", "too many, of all, here", "16 allowed");
  assertEquals(
    formatStatus(refusal),
    "error,code=limit,message=too many; of all; here",
  );
});

Deno.test("parseStatus() reads back what formatStatus() writes, for every code", () => {
  for (const code of Object.keys(REFUSALS) as RefusalCode[]) {
    const message = `no = way: ${code}`;
    assertEquals(parseStatus(formatStatus(new Refusal(code, message))), {
      ok: false,
      code,
      message,
    });
  }
  const values = { token: "ab==", format: "mpegts", "expires_in": 120 };
  const expected: Status = {
    ok: true,
    values: new Map(Object.entries(values).map(([k, v]) => [k, String(v)])),
  };
  assertEquals(parseStatus(formatStatus(undefined, values)), expected);
});

Deno.test("parseStatus() passes over what has no key, and falls back to the code for words", () => {
  assertEquals(parseStatus("ok,,word,=x,a=1"), {
    ok: true,
    values: new Map([["a", "1"]]),
  });
  assertEquals(parseStatus("error,code=busy"), {
    ok: false,
    code: "busy",
    message: "busy",
  });
});

Deno.test("parseStatus() throws for what is no status", () => {
  const texts = ["", "OK", "okay", "error", "error,code=", "error,code=hasOwn"];
  for (const text of [...texts, "error,code=toString", "watch,user=fier"]) {
    assertThrows(
      () => parseStatus(text),
      SyntaxError,
      "Cannot read the server's answer: it is not a status frame",
    );
  }
});

Deno.test("wantsReply() finds the wish in text that cannot be read otherwise", () => {
  for (
    const [text, expected] of [
      ["x,reply=1", true],
      ["watch,reply=1,user", true],
      ["watch,user=a,user=b,reply=1", true],
      ["watch,user=a,reply=10", false],
      ["watch,user=a,reply=0", false],
      ["watch,user=a,no_reply=1", false],
      ["watch,user=reply=1", false],
      ["watch,user=a\n,reply=1\n", false],
      ["reply=1", false],
      ["", false],
    ] as const
  ) {
    assertEquals(wantsReply(text), expected, text);
  }
});
