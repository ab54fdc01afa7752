import { assertEquals } from "@std/assert";
import {
  clipped,
  type Column,
  tableLines,
  widthOf,
} from "../../../lib/cli/view/table.ts";

const COLUMNS: readonly Column<readonly [string, number]>[] = [
  { title: "NAME", cell: ([name]) => name },
  { title: "N", right: true, cell: ([, count]) => String(count) },
];

Deno.test("tableLines() aligns cells under their headings, numbers to the right", () => {
  assertEquals(tableLines(COLUMNS, [["a", 1], ["longer", 200]]), [
    "NAME      N",
    "a         1",
    "longer  200",
  ]);
  assertEquals(tableLines(COLUMNS, []), ["NAME  N"]);
});

Deno.test("tableLines() counts columns, not characters", () => {
  assertEquals(tableLines(COLUMNS, [["日本", 1], ["e\u0301", 2], ["😀", 3]]), [
    "NAME  N",
    "日本  1",
    "e\u0301     2",
    "😀    3",
  ]);
});

Deno.test("tableLines() escapes what would control a terminal", () => {
  const [, line] = tableLines(COLUMNS, [["\x1b[2J\u202e", 1]]);
  assertEquals(line, "\\u001b[2J\\u202e  1");
});

Deno.test("clipped() cuts a line to the columns of a terminal", () => {
  assertEquals(clipped("abc", 3), "abc");
  assertEquals(clipped("abcd", 3), "abc");
  assertEquals(clipped("日本語", 5), "日本");
  assertEquals(clipped("日本語", 0), "");
  assertEquals(widthOf("日本語ab"), 8);
});
