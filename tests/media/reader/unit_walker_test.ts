import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import {
  GIVE_UP_BYTES,
  UnitWalker,
} from "../../../lib/media/reader/unit_walker.ts";
import { trackerOf } from "../../../lib/media/detect/detect.ts";
import type { Container } from "../../../lib/media/tracker.ts";
import { everySplitOf, piecesOf } from "../../helpers/chunkings.ts";
import { mediaSample } from "../../helpers/decode_joins.ts";
import { seededRandom } from "../../helpers/rng.ts";
import { track } from "../../suites/join_suite.ts";

/** Units whose first byte is their length, and whose second byte repeats it. */
function visits(pieces: Iterable<Uint8Array>): [number[], UnitWalker] {
  const offsets: number[] = [];
  const walker: UnitWalker = new UnitWalker((bytes, at) => {
    if (at + 2 > bytes.length) return 0;
    assertEquals(bytes[at], bytes[at + 1]);
    offsets.push(walker.offset);
    return bytes[at] ?? 0;
  }, 2);
  for (const piece of pieces) walker.push(piece);
  return [offsets, walker];
}

const LENGTHS = [2, 2, 3, 9, 2, 100, 2, 250, 5];
const UNITS = concat(
  LENGTHS.map((length) => new Uint8Array(length).fill(length)),
);
const STARTS = LENGTHS.map((_, i) =>
  LENGTHS.slice(0, i).reduce((sum, length) => sum + length, 0)
);

Deno.test("UnitWalker visits every unit once, however it is cut", () => {
  for (const pieces of everySplitOf(UNITS)) {
    assertEquals(visits(pieces)[0], STARTS);
  }
  for (const size of [1, 2, 3, 7]) {
    assertEquals(visits(piecesOf(UNITS, size))[0], STARTS, `pieces of ${size}`);
  }
});

Deno.test("UnitWalker.missingBytes leads to the next unit", () => {
  for (let length = 0; length <= UNITS.length; length++) {
    const [, walker] = visits([UNITS.subarray(0, length)]);
    const start = STARTS.findLastIndex((start) => start <= length);
    const over = length - (STARTS[start] ?? 0);
    // A head of one byte is completed to a head of two.
    const missing = over < 2 ? over : (LENGTHS[start] ?? 0) - over;
    assertEquals(walker.missingBytes, missing, `after ${length} bytes`);
    assertEquals(walker.pushed, length);
  }
});

Deno.test("UnitWalker gathers a unit that asks for many bytes", () => {
  const seen: number[] = [];
  const walker = new UnitWalker((bytes, at) => {
    if (bytes.length - at < 5000) return 0;
    seen.push(bytes[at + 4999] ?? -1);
    return 5000;
  }, 1);
  const bytes = new Uint8Array(12_000).map((_, i) => Math.floor(i / 5000));
  for (const piece of piecesOf(bytes, 7)) walker.push(piece);
  assertEquals(seen, [0, 1]);
  assertEquals(walker.held.length, 2000);
});

Deno.test("a search is given up, or not, at the same place in any chunking", () => {
  const random = seededRandom(1);
  const noise = new Uint8Array(GIVE_UP_BYTES + 50_000).map(() => random(256));
  const cases: [string, Container][] = [
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
    for (const length of [noise.length, GIVE_UP_BYTES - 60_000]) {
      const bytes = concat([sample, noise.subarray(0, length), sample]);
      const whole = track(trackerOf(container), [bytes]);
      for (const size of [1000, 65536]) {
        const cut = track(trackerOf(container), piecesOf(bytes, size));
        assertEquals(cut, whole, `${name}, ${length} bytes of noise`);
      }
      // Noise may hold what looks like a frame, so giving up may come a little later, or not.
      if (length < GIVE_UP_BYTES) assertEquals(whole.gaveUp, undefined, name);
    }
  }
});
