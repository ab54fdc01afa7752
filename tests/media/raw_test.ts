import { assertEquals, assertThrows } from "@std/assert";
import { chunkTracker } from "../../lib/media/raw.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { joinSuite, track } from "../suites/join_suite.ts";

const BYTES = new Uint8Array(5000).map((_, i) => i * 7);

joinSuite("chunks of 1024 bytes", chunkTracker(1024), BYTES, 20);

Deno.test("chunks: a join point at every multiple of bufsize that has begun", () => {
  const { joins, infos } = track(chunkTracker(1000), [BYTES]);
  const offsets = joins.map((join) => join.offset);
  // 5000 is the end: no byte of that chunk has come.
  assertEquals(offsets, [0, 1000, 2000, 3000, 4000]);
  assertEquals(infos, [{
    container: "raw",
    mime: "application/octet-stream",
    codecs: [],
    video: false,
  }]);
});

Deno.test("chunks: of short chunks, only starts that are 512 bytes apart are reported", () => {
  for (
    const [bufsize, expected] of [
      [1, [0, 512, 1024, 1536, 2048, 2560, 3072, 3584, 4096, 4608]],
      [300, [0, 600, 1200, 1800, 2400, 3000, 3600, 4200, 4800]],
    ] as const
  ) {
    for (const size of [1, 100, 511, 5000]) {
      const { joins } = track(chunkTracker(bufsize), piecesOf(BYTES, size));
      assertEquals(joins.map(({ offset }) => offset), [...expected]);
    }
  }
});

Deno.test("chunks: without bufsize every push is a join point, an empty one is none", () => {
  const pieces = [3, 0, 1000, 1].map((length) => BYTES.subarray(0, length));
  const { joins } = track(chunkTracker(0), pieces);
  assertEquals(joins.map((join) => join.offset), [0, 3, 1003]);
});

Deno.test("chunks: missingBytes completes a chunk of set size", () => {
  for (
    const [bufsize, missing] of [[0, 0], [1000, 0], [1024, 120], [9999, 4999]]
  ) {
    const tracker = chunkTracker(bufsize ?? 0)({
      init: drop,
      join: drop,
      info: drop,
      corruption: drop,
      giveUp: drop,
    });
    tracker.push(BYTES);
    assertEquals(tracker.missingBytes, missing, `bufsize ${bufsize}`);
    assertEquals(tracker.heldBytes, 0);
  }
});

Deno.test("chunks: a bufsize that is no whole number is refused", () => {
  for (const bufsize of [-1, 0.5, NaN, Infinity]) {
    const sink = {
      init: drop,
      join: drop,
      info: drop,
      corruption: drop,
      giveUp: drop,
    };
    assertThrows(() => chunkTracker(bufsize)(sink), RangeError, "Cannot track");
  }
});

function drop(): void {}
