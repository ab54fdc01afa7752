import { assert, assertEquals } from "@std/assert";
import { BitReader } from "../../../lib/media/reader/bit_reader.ts";

Deno.test("BitReader.read() and skip() go most significant bit first", () => {
  const bits = new BitReader(new Uint8Array([0b1010_0101, 0xff, 0x00, 0x80]));
  assertEquals(bits.read(3), 0b101);
  bits.skip(1);
  assertEquals(bits.read(6), 0b010111);
  assert(bits.flag());
  assertEquals(bits.position, 11);
  assertEquals(bits.read(0), 0);
  assertEquals(bits.overrun, false);
});

Deno.test("BitReader.read() reads 32 bits without a sign", () => {
  const bits = new BitReader(new Uint8Array([0, 0xff, 0xff, 0xff, 0xff]), 1);
  assertEquals(bits.read(32), 0xffff_ffff);
});

/** Codes of H.264 table 9-2 and 9-3: bits, ue, se. */
const GOLOMB: readonly [string, number, number][] = [
  ["1", 0, 0],
  ["010", 1, 1],
  ["011", 2, -1],
  ["00100", 3, 2],
  ["00111", 6, -3],
  ["0001000", 7, 4],
  ["00000000100000000", 255, 128],
];

Deno.test("BitReader.ue() and se() read the codes of the standard's tables", () => {
  for (const [code, unsigned, signed] of GOLOMB) {
    const bytes = bytesOf(code);
    assertEquals(new BitReader(bytes).ue(), unsigned, code);
    assertEquals(new BitReader(bytes).se(), signed, code);
  }
});

Deno.test("BitReader past the end gives 0 and says so", () => {
  const bits = new BitReader(new Uint8Array([0xff]));
  assertEquals(bits.read(12), 0xff0);
  assert(bits.overrun);
  const skipped = new BitReader(new Uint8Array(2));
  skipped.skip(17);
  assert(skipped.overrun);
  const endless = new BitReader(new Uint8Array(100));
  assertEquals(endless.ue(), 0);
  assert(endless.overrun, "a code of more than 32 zeros is none");
});

function bytesOf(bits: string): Uint8Array {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1");
  const bytes = padded.match(/.{8}/g) ?? [];
  return new Uint8Array(bytes.map((byte) => parseInt(byte, 2)));
}
