import { assertEquals } from "@std/assert";
import plugin from "./lint_plugin.ts";

/** The rules that a source breaks. */
function brokenRules(source: string, path: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source).map(({ id }) => id);
}

function functionOf(lines: number): string {
  return `export function f(): void {\n${"  g();\n".repeat(lines - 2)}}\n`;
}

Deno.test("short-functions rejects functions of more than 60 lines", () => {
  assertEquals(brokenRules(functionOf(60), "lib/a/b.ts"), []);
  const method = functionOf(61).replace("export function f", "class A { f") +
    "}\n";
  for (const source of [functionOf(61), method]) {
    assertEquals(brokenRules(source, "lib/a/b.ts"), [
      "fstream/short-functions",
    ]);
  }
  assertEquals(brokenRules(functionOf(61), "tests/a/b_test.ts"), [
    "fstream/short-functions",
  ]);
});

Deno.test("no-top-level-arrow and private-by-hash reject what they name", () => {
  assertEquals(brokenRules("const f = () => 1;\n", "lib/a.ts"), [
    "fstream/no-top-level-arrow",
  ]);
  assertEquals(brokenRules("class A { private b = 1; }\n", "lib/a.ts"), [
    "fstream/private-by-hash",
  ]);
  assertEquals(brokenRules("class A { #b = 1; }\n", "lib/a.ts"), []);
});
