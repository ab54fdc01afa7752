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

Deno.test("BoundaryList.at() repeats the boundaries of units of one length", () => {
  const boundaries = new BoundaryList();
  boundaries.add(10);
  assertEquals(boundaries.isRegular, false);
  boundaries.add(20, { every: 5 });
  boundaries.add(43, { every: 10 });
  assertEquals(boundaries.isRegular, true);
  const offsets = [0, 11, 20, 21, 25, 26, 40, 41, 43, 44, 53, 54, 1004];
  assertEquals(offsets.map((offset) => boundaries.at(offset)), [
    ...[10, 20, 20, 25, 25, 30, 40, 43, 43, 53, 53, 63, 1013],
  ]);
});

Deno.test("BoundaryList.tailAt() gives the end of the unit in which an offset lies", () => {
  const boundaries = new BoundaryList();
  const units = { tail: (length: number) => Uint8Array.of(length) };
  boundaries.add(10);
  boundaries.add(30, units);
  boundaries.add(35, units);
  const tails = [5, 10, 11, 30, 31, 35, 36].map((offset) =>
    boundaries.tailAt(offset)?.[0]
  );
  assertEquals(tails, [undefined, undefined, 20, 20, 5, 5, undefined]);
});

Deno.test("BoundaryList forgets the oldest, and does not take later ones for them", () => {
  const boundaries = new BoundaryList();
  for (let i = 1; i <= 10_000; i++) boundaries.add(i * 10);
  assertEquals(boundaries.at(5), undefined);
  assertEquals(boundaries.at(99_995), 100_000);
  assertEquals(boundaries.at(60_001), 60_010);
});
