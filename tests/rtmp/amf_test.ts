import { assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes";
import {
  type AmfValue,
  MAX_DEPTH,
  MAX_TEXT_BYTES,
  MAX_VALUES,
} from "../../lib/rtmp/amf.ts";
import { decodeAmf } from "../../lib/rtmp/amf_decoder.ts";
import { encodeAmf } from "../../lib/rtmp/amf_encoder.ts";
import { RtmpError } from "../../lib/rtmp/rtmp_error.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";

const ONE = new Uint8Array([0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);

/** Bytes as the specification has them, and what they are. */
const VALUES: readonly [name: string, bytes: Uint8Array, value: AmfValue][] = [
  ["a number", ONE, 1],
  ["false", new Uint8Array([1, 0]), false],
  ["true", new Uint8Array([1, 7]), true],
  ["a string", bytesOf("\x02\0\x04live"), "live"],
  ["a string in UTF-8", bytesOf("\x02\0\x02", "ü"), "ü"],
  [
    "a string in another character set",
    concat([
      new Uint8Array([2, 0, 1, 0xfc]),
    ]),
    "\ufffd",
  ],
  ["a long string", bytesOf("\x0c\0\0\0\x04live"), "live"],
  ["XML", bytesOf("\x0f\0\0\0\x04<a/>"), "<a/>"],
  ["null", new Uint8Array([5]), null],
  ["undefined", new Uint8Array([6]), undefined],
  ["an unsupported value", new Uint8Array([13]), undefined],
  [
    "a date",
    concat([new Uint8Array([11]), ONE.subarray(1), bytesOf("\0\0")]),
    1,
  ],
  ["an object", bytesOf("\x03\0\x01a", ONE, "\0\0\x09"), new Map([["a", 1]])],
  [
    "an object with dangerous names",
    bytesOf("\x03\0\x09__proto__", ONE, "\0\0\x05\0\0\x09"),
    new Map<string, AmfValue>([["__proto__", 1], ["", null]]),
  ],
  [
    "an array by names, whose length is wrong",
    bytesOf("\x08\0\0\0\x63\0\x01a", ONE, "\0\0\x09"),
    new Map([["a", 1]]),
  ],
  [
    "an object of a class",
    bytesOf("\x10\0\x01C\0\x01a", ONE, "\0\0\x09"),
    new Map([["a", 1]]),
  ],
  ["an array", bytesOf("\x0a\0\0\0\x02", ONE, ONE), [1, 1]],
];

for (const [name, bytes, value] of VALUES) {
  Deno.test(`decodeAmf() reads ${name}`, () => {
    assertEquals(decodeAmf(bytes), [value]);
    assertEquals(decodeAmf(concat([bytes, ONE])), [value, 1]);
    for (let at = 1; at < bytes.length; at++) {
      assertThrows(() => decodeAmf(bytes.subarray(0, at)), RtmpError);
    }
  });
}

Deno.test("encodeAmf() writes what decodeAmf() reads", () => {
  const values: AmfValue[] = [
    "connect",
    ...[1, -0.5, true, false, null, undefined, "", "ü"],
    new Map<string, AmfValue>([["a", "b"], ["c", new Map([["d", [1, "e"]]])]]),
    [],
  ];
  assertEquals(decodeAmf(encodeAmf(...values)), values);
  assertEquals(encodeAmf("x".repeat(70_000))[0], 12);
  assertThrows(
    () => encodeAmf(new Map([["x".repeat(70_000), 1]])),
    RangeError,
    "length 70000",
  );
});

Deno.test("decodeAmf() has caps on depth, text and values", () => {
  const nested = (levels: number): AmfValue =>
    levels === 0 ? null : [nested(levels - 1)];
  decodeAmf(encodeAmf(nested(MAX_DEPTH)));
  const cases: [bytes: Uint8Array, message: string][] = [
    [encodeAmf(nested(MAX_DEPTH + 1)), "levels"],
    [encodeAmf("x".repeat(MAX_TEXT_BYTES + 1)), "bytes of text"],
    [new Uint8Array(MAX_VALUES + 1).fill(5), "values"],
    [new Uint8Array(2000).fill(10, 0, 1).fill(255, 1, 5).fill(5, 5), "values"],
    [new Uint8Array([17]), "unknown type"],
    [new Uint8Array([7, 0, 0]), "unknown type"],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => decodeAmf(bytes), RtmpError, message);
  }
});
