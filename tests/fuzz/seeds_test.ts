import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { sniffingTracker } from "../../lib/media/detect/detecting_tracker.ts";
import type { Container } from "../../lib/media/tracker.ts";
import { track } from "../suites/join_suite.ts";
import { entriesOf } from "./corpus.ts";
import { TRACKER_TARGETS } from "./tracker_targets.ts";

/** Join points of a seed, at least: with fewer, little of what a tracker does is ever reached. */
const LEAST_JOINS = 3;

Deno.test("every tracker's seeds are whole, and joined several times", async () => {
  for (const { name } of TRACKER_TARGETS) {
    const format = name.replace("tracker-", "") as Container | "auto";
    for (const { name: file, bytes } of await entriesOf(name)) {
      if (!file.startsWith("seed-")) continue;
      const { joins, damages } = track(sniffingTracker(format), [bytes]);
      assertGreaterOrEqual(joins.length, LEAST_JOINS, `${name}: ${file}`);
      assertEquals(damages, [], `${name}: ${file}`);
    }
  }
});
