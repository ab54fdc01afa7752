import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { MAX_SCAN_BYTES } from "../../../lib/media/limits.ts";
import { ScanTracker } from "../../../lib/media/reader/scan_tracker.ts";
import { containerNamed } from "../../../lib/media/detect/detect.ts";
import type { TrackerSink } from "../../../lib/media/tracker.ts";
import { everySplitOf, piecesOf } from "../../helpers/chunkings.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { seededRandom } from "../../helpers/rng.ts";
import { track } from "../../suites/join_suite.ts";

/** Units whose first byte is their length, and whose second byte repeats it. */
class LengthTracker extends ScanTracker {
  readonly visited: number[] = [];

  override get time(): undefined {
    return undefined;
  }

  protected override missingOf(held: Uint8Array): number {
    return 2 - held.length;
  }

  protected override visit(bytes: Uint8Array, at: number): number {
    if (at + 2 > bytes.length) return this.needs(2);
    assertEquals(bytes[at], bytes[at + 1]);
    this.visited.push(this.offset);
    return bytes[at] ?? 0;
  }
}

/** Units of 5000 bytes, all of which it looks at. */
class LongTracker extends LengthTracker {
  protected override visit(bytes: Uint8Array, at: number): number {
    if (bytes.length - at < 5000) return this.needs(5000);
    this.visited.push(bytes[at + 4999] ?? -1);
    return 5000;
  }
}

function ignore(): void {}

const SINK: TrackerSink = {
  init: ignore,
  join: ignore,
  info: ignore,
  corruption: ignore,
  giveUp: ignore,
};

function visits(pieces: Iterable<Uint8Array>): LengthTracker {
  const tracker = new LengthTracker(SINK);
  for (const piece of pieces) tracker.push(piece);
  return tracker;
}

const LENGTHS = [2, 2, 3, 9, 2, 100, 2, 250, 5];
const UNITS = concat(
  LENGTHS.map((length) => new Uint8Array(length).fill(length)),
);
const STARTS = LENGTHS.map((_, i) =>
  LENGTHS.slice(0, i).reduce((sum, length) => sum + length, 0)
);

Deno.test("ScanTracker visits every unit once, in any chunking", () => {
  for (const pieces of everySplitOf(UNITS)) {
    assertEquals(visits(pieces).visited, STARTS);
  }
  for (const size of [1, 2, 3, 7]) {
    assertEquals(
      visits(piecesOf(UNITS, size)).visited,
      STARTS,
      `pieces of ${size}`,
    );
  }
});

Deno.test("ScanTracker.missingBytes leads to the next unit", () => {
  for (let length = 0; length <= UNITS.length; length++) {
    const tracker = visits([UNITS.subarray(0, length)]);
    const start = STARTS.findLastIndex((start) => start <= length);
    const over = length - (STARTS[start] ?? 0);
    // A head of one byte is completed to a head of two.
    const missing = over < 2 ? over : (LENGTHS[start] ?? 0) - over;
    assertEquals(tracker.missingBytes, missing, `after ${length} bytes`);
  }
});

Deno.test("ScanTracker gathers a unit that needs many bytes", () => {
  const tracker = new LongTracker(SINK);
  const bytes = new Uint8Array(12_000).map((_, i) => Math.floor(i / 5000));
  for (const piece of piecesOf(bytes, 7)) tracker.push(piece);
  assertEquals(tracker.visited, [0, 1]);
  assert(tracker.heldBytes >= 2000 && tracker.heldBytes <= 5000);
});

Deno.test("a search is given up, or not, at the same place in any chunking", () => {
  const random = seededRandom(1);
  const noise = new Uint8Array(MAX_SCAN_BYTES + 50_000).map(() => random(256));
  const cases: [string, string][] = [
    ["adts.aac", "adts"],
    ["mp3_plain.mp3", "mp3"],
    ["ac3.ac3", "ac3"],
    ["flac_pipe.flac", "flac"],
    ["ogg_opus.ogg", "ogg"],
    ["mjpeg.mjpeg", "mjpeg"],
    ["y4m_420.y4m", "y4m"],
  ];
  for (const [name, container] of cases) {
    const sample = mediaSample(name);
    for (const length of [noise.length, MAX_SCAN_BYTES - 60_000]) {
      const bytes = concat([sample, noise.subarray(0, length), sample]);
      const whole = track(containerNamed(container)!.tracker, [bytes]);
      for (const size of [1000, 65536]) {
        const cut = track(
          containerNamed(container)!.tracker,
          piecesOf(bytes, size),
        );
        assertEquals(cut, whole, `${name}, ${length} bytes of noise`);
      }
      // Noise may hold what looks like a frame, so giving up may come a little later, or not.
      if (length < MAX_SCAN_BYTES) assertEquals(whole.gaveUp, undefined, name);
    }
  }
});
