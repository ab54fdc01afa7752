import { assertEquals, assertNotMatch, assertThrows } from "@std/assert";
import {
  type IniSection,
  IniSyntaxError,
  MAX_INI_VALUES,
  parse,
} from "../../lib/config/ini.ts";
import { BAD_INI, GOOD_INI, type ReadSections } from "./ini_cases.ts";

function valuesOf(section: IniSection): [string, string][] {
  const pairs = [...section].map(([key, { value }]): [string, string] => [
    key,
    value,
  ]);
  return pairs.sort(([a], [b]) => a < b ? -1 : 1);
}

function sectionsOf(text: string): ReadSections {
  return [...parse(text)].map(([name, section]) => [name, valuesOf(section)]);
}

for (const { name, text, sections } of GOOD_INI) {
  Deno.test(`parse() reads ${name} as Python does`, () => {
    assertEquals(sectionsOf(text), sections);
  });
}

for (const { name, text, line } of BAD_INI) {
  Deno.test(`parse() refuses ${name} as Python does and names the line`, () => {
    const error = assertThrows(() => parse(text), IniSyntaxError);
    assertEquals(error.line, line);
    assertEquals(error.message, `Cannot read line ${line}: ${error.problem}`);
  });
}

Deno.test("parse() never quotes a broken line, which may be a password", () => {
  const error = assertThrows(() => parse("[a]\nhunter2\n"), IniSyntaxError);
  assertNotMatch(error.message, /hunter2/);
});

Deno.test("parse() tells the line of every value, fallen-through ones too", () => {
  const sections = parse("[DEFAULT]\na=1\n  2\n[x]\r\n\r\nb=3\n");
  assertEquals(sections.get("x")?.get("a"), { value: "1\n2", line: 2 });
  assertEquals(sections.get("x")?.get("b"), { value: "3", line: 6 });
});

Deno.test("parse() caps the values that defaults grow to over many sections", () => {
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}=`).join("\n");
  const most = MAX_INI_VALUES / 100 - 1;
  const sections = Array.from({ length: most }, (_, i) => `[s${i}]\n`).join("");
  const full = `[DEFAULT]\n${keys}\n${sections}`;
  assertEquals(parse(full).size, most + 1);
  const error = assertThrows(() => parse(`${full}[one more]`), IniSyntaxError);
  assertEquals(error.line, 1 + 100 + most + 1);
});
