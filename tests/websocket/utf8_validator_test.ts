import { assertEquals } from "@std/assert";
import { Utf8Validator } from "../../lib/websocket/utf8_validator.ts";
import { casesOf } from "../helpers/fast.ts";
import { seededRandom } from "../helpers/rng.ts";

function isValid(bytes: Uint8Array, cut: number): boolean {
  const validator = new Utf8Validator();
  return validator.push(bytes.subarray(0, cut)) &&
    validator.push(bytes.subarray(cut)) && validator.complete;
}

function decodes(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

Deno.test("Utf8Validator agrees with TextDecoder on every character", () => {
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(4);
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const { written } = encoder.encodeInto(String.fromCodePoint(code), bytes);
    const validator = new Utf8Validator();
    const valid = validator.push(bytes.subarray(0, written));
    if (!valid || !validator.complete) throw new Error(`U+${code}`);
  }
});

/** Lead bytes, continuation bytes and their neighbours. */
const EDGES = [
  ...[0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2],
  ...[0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4],
  ...[0xf5, 0xf8, 0xfc, 0xff],
];

Deno.test("Utf8Validator agrees with TextDecoder on sequences of edge bytes, however they are cut", () => {
  const random = seededRandom(1);
  let valid = 0;
  for (let count = 0; count < casesOf(50_000); count++) {
    const bytes = Uint8Array.from(
      { length: 1 + random(5) },
      () => EDGES[random(EDGES.length)]!,
    );
    const expected = decodes(bytes);
    if (expected) valid++;
    for (let cut = 0; cut <= bytes.length; cut++) {
      assertEquals(isValid(bytes, cut), expected, `${bytes} cut at ${cut}`);
    }
  }
  if (valid < casesOf(1000)) {
    throw new Error(`only ${valid} sequences were valid`);
  }
});

Deno.test("Utf8Validator rejects the first wrong byte without those behind it", () => {
  for (const bytes of [[0xed, 0xa0], [0xf4, 0x90], [0xe0, 0x80], [0xc0]]) {
    assertEquals(new Utf8Validator().push(new Uint8Array(bytes)), false);
  }
});
