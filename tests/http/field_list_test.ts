import { assertEquals } from "@std/assert";
import { fieldListIncludes } from "../../lib/http/field_list.ts";

Deno.test("fieldListIncludes() finds whole members, in any case", () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false],
    ["", false],
    ["close", true],
    ["Close", true],
    ["keep-alive,close", true],
    ["close , keep-alive", true],
    ["a,\tclose\t,b", true],
    ["closed", false],
    ["not close", false],
    ["clo,se", false],
  ];
  for (const [value, expected] of cases) {
    assertEquals(fieldListIncludes(value, "close"), expected, `${value}`);
  }
});
