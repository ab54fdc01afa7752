import { assertEquals } from "@std/assert";
import { BorderList } from "../../lib/hub/border_list.ts";

Deno.test("BorderList.at() gives the first border at or behind an offset", () => {
  const borders = new BorderList();
  assertEquals(borders.isEmpty, true);
  assertEquals(borders.at(0), undefined);
  for (const border of [10, 20, 35]) borders.add(border);
  assertEquals(borders.isEmpty, false);
  const found = [0, 10, 11, 20, 34, 35, 36].map((offset) => borders.at(offset));
  assertEquals(found, [10, 10, 20, 20, 35, 35, undefined]);
});

Deno.test("BorderList forgets the oldest, and does not take later ones for them", () => {
  const borders = new BorderList();
  for (let i = 1; i <= 10_000; i++) borders.add(i * 10);
  assertEquals(borders.at(5), undefined);
  assertEquals(borders.at(99_995), 100_000);
  assertEquals(borders.at(60_001), 60_010);
});
