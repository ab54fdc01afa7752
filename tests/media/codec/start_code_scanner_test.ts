import { assertEquals } from "@std/assert";
import { StartCodeScanner } from "../../../lib/media/codec/start_code_scanner.ts";
import { everySplitOf, piecesOf } from "../../helpers/chunkings.ts";
import { seededRandom } from "../../helpers/rng.ts";

/** Every unit as "offset:head in hexadecimal", with "+" where more of it follows. */
function scan(
  pieces: Iterable<Uint8Array>,
  wanted: number,
): string[] {
  const found: string[] = [];
  const scanner = new StartCodeScanner({
    wanted: () => wanted,
    unit: ({ offset, head, whole }) =>
      found.push(`${offset}:${head.toHex()}${whole ? "" : "+"}`),
  });
  let offset = 0;
  for (const piece of pieces) {
    // In the middle of a larger array, so that bounds count.
    const bytes = new Uint8Array(piece.length + 4).fill(1);
    bytes.set(piece, 2);
    scanner.push(bytes, 2, 2 + piece.length, offset);
    offset += piece.length;
  }
  scanner.end();
  return found;
}

/** Streams in hexadecimal, and their units of which 3 bytes are wanted. */
const CASES: readonly [string, string[]][] = [
  ["000001aa", ["0:aa"]],
  ["00000001aa", ["0:aa"]],
  ["0000000001aabb", ["1:aabb"]],
  ["ff000001aabbccdd000001ee", ["1:aabbcc+", "8:ee"]],
  ["000001aa000001bb", ["0:aa0000+", "4:bb"]],
  ["000001aabbcc000001bb", ["0:aabbcc+", "6:bb"]],
  ["000001aa0000000000000001bb", ["0:aa0000+", "8:bb"]],
  ["000001000001000001", ["0:00", "3:00"]],
  ["0100000100000201000001cc00", ["1:000002+", "8:cc"]],
];

Deno.test("StartCodeScanner finds each unit, however the bytes are cut", () => {
  for (const [hex, units] of CASES) {
    for (const pieces of everySplitOf(Uint8Array.fromHex(hex))) {
      assertEquals(scan(pieces, 3), units, `${hex} as ${pieces.length}`);
    }
    assertEquals(scan(piecesOf(Uint8Array.fromHex(hex), 1), 3), units, hex);
  }
});

Deno.test("StartCodeScanner finds what a plain search finds in bytes full of zeros", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const bytes = Uint8Array.from({ length: 60 }, () => random(2 + seed % 3));
    const expected: string[] = [];
    for (let one = 2; one < bytes.length - 1; one++) {
      if (bytes.subarray(one - 2, one + 1).toHex() !== "000001") continue;
      const first = bytes.subarray(one + 1, one + 2).toHex();
      const long = one >= 3 && bytes[one - 3] === 0;
      expected.push(`${one - (long ? 3 : 2)}:${first}+`);
    }
    const whole = scan([bytes], 1);
    assertEquals(whole, expected, `seed ${seed}`);
    for (const size of [1, 2, 3, 5]) {
      assertEquals(scan(piecesOf(bytes, size), 1), whole, `seed ${seed}`);
    }
  }
});

Deno.test("StartCodeScanner.reset() abandons the current unit", () => {
  const heads: string[] = [];
  const scanner = new StartCodeScanner({
    wanted: () => 8,
    unit: ({ head }) => heads.push(head.toHex()),
  });
  scanner.push(new Uint8Array([0, 0, 1, 7, 7, 0, 0]), 0, 7, 0);
  assertEquals(scanner.heldBytes, 4);
  scanner.reset();
  scanner.push(new Uint8Array([1, 9, 0, 0, 1, 5]), 0, 6, 7);
  scanner.end();
  assertEquals(heads, ["05"]);
});
