import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { track } from "../suites/join_suite.ts";
import { entriesOf } from "./corpus.ts";
import { TRACKER_TARGETS } from "./tracker_targets.ts";

/** Join points of a seed, at least: with fewer, little of what a tracker does is ever reached. */
const LEAST_JOINS = 3;

Deno.test("every tracker's seeds are whole, and joined several times", async () => {
  for (const { name } of TRACKER_TARGETS) {
    const format = name.replace("tracker-", "");
    for (const { name: file, bytes } of await entriesOf(name)) {
      if (!file.startsWith("seed-")) continue;
      const { joins, corruptions } = track(trackerFor({ bufsize: 0, format }), [
        bytes,
      ]);
      assertGreaterOrEqual(joins.length, LEAST_JOINS, `${name}: ${file}`);
      assertEquals(corruptions, [], `${name}: ${file}`);
    }
  }
});
