import { assertEquals } from "@std/assert";
import { applyMask } from "../../lib/websocket/mask.ts";
import { pattern } from "../helpers/pattern.ts";

const KEY = new Uint8Array([0x01, 0x20, 0x4f, 0xf3]);

/** Lengths around the one from which words are used, and around words. */
const LENGTHS = [
  ...[0, 1, 2, 3, 4, 5, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71],
  ...[127, 128, 129, 1021],
];

Deno.test("applyMask XORs like the definition at every alignment, offset and length", () => {
  for (const length of LENGTHS) {
    for (let start = 0; start < 8; start++) {
      for (let offset = 0; offset < 8; offset++) {
        const buffer = pattern(0, length + 16);
        const expected = buffer.slice();
        for (let at = 0; at < length; at++) {
          expected[start + at]! ^= KEY[(offset + at) % 4]!;
        }
        applyMask(buffer.subarray(start, start + length), KEY, offset);
        assertEquals(buffer, expected);
      }
    }
  }
});

Deno.test("applyMask keeps the key's place at offsets beyond 32 bits", () => {
  for (const offset of [2 ** 31, 2 ** 32 + 1, 2 ** 52 + 3]) {
    for (const length of [10, 100]) {
      const [far, near] = [pattern(0, length), pattern(0, length)];
      applyMask(far, KEY, offset);
      applyMask(near, KEY, offset % 4);
      assertEquals(far, near);
    }
  }
});
