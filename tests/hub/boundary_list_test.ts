import { assertEquals } from "@std/assert";
import { BoundaryList } from "../../lib/hub/boundary_list.ts";

Deno.test("BoundaryList.at() gives the first boundary at or behind an offset", () => {
  const boundaries = new BoundaryList();
  assertEquals(boundaries.isEmpty, true);
  assertEquals(boundaries.at(0), undefined);
  for (const boundary of [10, 20, 35]) boundaries.add(boundary);
  assertEquals(boundaries.isEmpty, false);
  const found = [0, 10, 11, 20, 34, 35, 36].map((offset) =>
    boundaries.at(offset)
  );
  assertEquals(found, [10, 10, 20, 20, 35, 35, undefined]);
});

Deno.test("BoundaryList forgets the oldest, and does not take later ones for them", () => {
  const boundaries = new BoundaryList();
  for (let i = 1; i <= 10_000; i++) boundaries.add(i * 10);
  assertEquals(boundaries.at(5), undefined);
  assertEquals(boundaries.at(99_995), 100_000);
  assertEquals(boundaries.at(60_001), 60_010);
});
