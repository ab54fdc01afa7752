import { assertEquals } from "@std/assert";
import { linePath, roundTop } from "../../../../lib/web/pages/admin/plot.js";

/** A frame in which a second is one step to the right, and 80 is the top. */
const FRAME = { from: 0, to: 300, top: 80 };

Deno.test("linePath() goes through the points, zero at the bottom", () => {
  const points = [[0, 0], [1, 80], [2, 40]] as const;
  assertEquals(linePath(points, FRAME), "M0.0 80.0L1.0 0.0L2.0 40.0");
});

Deno.test("linePath() is interrupted where figures are missing, and begins at the left edge", () => {
  const points = [[-1, 8], [0, 8], [1, null], [9, 8], [10, 8]] as const;
  assertEquals(linePath(points, FRAME), "M0.0 72.0M9.0 72.0L10.0 72.0");
  assertEquals(linePath([], FRAME), "");
});

Deno.test("linePath() does not leave the top", () => {
  assertEquals(linePath([[0, 1000]], FRAME), "M0.0 0.0");
});

Deno.test("roundTop() is the next 1, 2 or 5 times a power of ten", () => {
  const tops = [0, 0.03, 1, 1.1, 3, 7, 10, 420_000].map(roundTop);
  assertEquals(tops, [1, 0.05, 1, 2, 5, 10, 10, 500_000]);
  assertEquals(roundTop(NaN), 1);
});
