import { assertEquals, assertThrows } from "@std/assert";
import {
  readFailOnLoss,
  readReconnect,
  readReportJson,
  readRetain,
} from "../../lib/cli/transfer_flags.ts";
import { UsageError } from "../../lib/errors.ts";

function given(name: string, value?: string): ReadonlyMap<string, string> {
  return new Map(value === undefined ? [] : [[name, value]]);
}

Deno.test("readReconnect() gives milliseconds, 0 for off and five minutes by default", () => {
  for (
    const [text, expected] of [
      [undefined, 300_000],
      ["off", 0],
      ["90", 90_000],
      ["1.5m", 90_000],
    ] as const
  ) assertEquals(readReconnect(given("reconnect", text)), expected);
  assertThrows(
    () => readReconnect(given("reconnect", "never")),
    UsageError,
    "--reconnect expects",
  );
});

Deno.test("readRetain() gives bytes between 1M and 1G, 8 MiB by default", () => {
  assertEquals(readRetain(given("retain")), 8 * 2 ** 20);
  assertEquals(readRetain(given("retain", "1M")), 2 ** 20);
  assertEquals(readRetain(given("retain", "1G")), 2 ** 30);
  for (const text of ["1023K", "2G", "0", "much"]) {
    assertThrows(() => readRetain(given("retain", text)), UsageError);
  }
});

Deno.test("readFailOnLoss() and readReportJson() take one of two words, the first by default", () => {
  assertEquals(readFailOnLoss(given("on-loss")), false);
  assertEquals(readFailOnLoss(given("on-loss", "continue")), false);
  assertEquals(readFailOnLoss(given("on-loss", "fail")), true);
  assertEquals(readReportJson(given("report")), false);
  assertEquals(readReportJson(given("report", "text")), false);
  assertEquals(readReportJson(given("report", "json")), true);
  assertThrows(
    () => readFailOnLoss(given("on-loss", "stop")),
    UsageError,
    '--on-loss expects continue or fail, not "stop"',
  );
  assertThrows(() => readReportJson(given("report", "xml")), UsageError);
});
