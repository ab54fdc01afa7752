import { assertEquals, assertThrows } from "@std/assert";
import {
  encodeClose,
  encodeFrame,
  encodePing,
  encodePong,
  encodeText,
  frameHeader,
} from "../../lib/websocket/encode.ts";
import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { maskEncoded } from "../helpers/mask_frame.ts";
import { pattern } from "../helpers/pattern.ts";
import { decode } from "../helpers/websocket_decoding.ts";
import { bytesOf, ping, pong, text } from "./autobahn_case.ts";

Deno.test("encode writes the unmasked examples of RFC 6455 §5.7", () => {
  assertEquals(encodeText("Hello"), bytesOf("\x81\x05Hello"));
  assertEquals(encodePing(bytesOf("Hello")), bytesOf("\x89\x05Hello"));
  assertEquals(
    frameHeader(OPCODE.binary, 256),
    bytesOf("\x82\x7e\x01\x00"),
  );
  assertEquals(
    frameHeader(OPCODE.binary, 65_536),
    bytesOf("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
  );
});

Deno.test("frameHeader uses the shortest form of each length", () => {
  const rows: [number, string][] = [
    [0, "8200"],
    [125, "827d"],
    [126, "827e007e"],
    [65_535, "827effff"],
    [65_536, "827f0000000000010000"],
    [2 ** 32 + 5, "827f0000000100000005"],
    [Number.MAX_SAFE_INTEGER, "827f001fffffffffffff"],
  ];
  for (const [length, hex] of rows) {
    assertEquals(frameHeader(OPCODE.binary, length).toHex(), hex);
  }
});

Deno.test("frameHeader rejects a length that the frame cannot have", () => {
  for (const length of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => frameHeader(OPCODE.binary, length), RangeError);
  }
  for (const opcode of [OPCODE.close, OPCODE.ping, OPCODE.pong]) {
    frameHeader(opcode, 125);
    assertThrows(() => frameHeader(opcode, 126), RangeError);
  }
});

Deno.test("encodeFrame puts the payload behind the header", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    const payload = pattern(0, length);
    const frame = encodeFrame(OPCODE.binary, payload);
    const header = frameHeader(OPCODE.binary, length);
    assertEquals(frame.subarray(0, header.length), header);
    assertEquals(frame.subarray(header.length), payload);
  }
});

Deno.test("what encode writes is read again once a client has masked it", () => {
  const frames = [
    encodeText("κόσμε"),
    encodePing(bytesOf("1")),
    encodeFrame(OPCODE.binary, pattern(0, 70_000)),
    encodePong(bytesOf("2")),
    encodeClose(4404, "the channel is not live"),
  ];
  assertEquals(decode(frames.map((frame) => maskEncoded(frame))).items, [
    text("κόσμε"),
    ping("1"),
    pattern(0, 70_000),
    pong("2"),
    { type: "close", code: 4404, reason: "the channel is not live" },
  ]);
});

Deno.test("encodePing and encodePong reject more than 125 bytes", () => {
  assertThrows(() => encodePing(new Uint8Array(126)), RangeError);
  assertThrows(() => encodePong(new Uint8Array(126)), RangeError);
});

Deno.test("encodeClose writes code and reason, or an empty frame without a code", () => {
  assertEquals(encodeClose(1000), bytesOf("\x88\x02\x03\xe8"));
  assertEquals(encodeClose(1001, "bye"), bytesOf("\x88\x05\x03\xe9bye"));
  assertEquals(encodeClose(), bytesOf("\x88\x00"));
});

Deno.test("encodeClose cuts the reason to 123 bytes at a character boundary", () => {
  const rows: [string, number][] = [
    ["x".repeat(123), 123],
    ["x".repeat(124), 123],
    ["é".repeat(62), 122],
    ["€".repeat(50), 123],
    [`x${"€".repeat(50)}`, 121],
    [`x${"😀".repeat(40)}`, 121],
  ];
  for (const [reason, bytes] of rows) {
    const frame = encodeClose(1008, reason);
    assertEquals(frame.length, 4 + bytes);
    const cut = new TextDecoder("utf-8", { fatal: true })
      .decode(frame.subarray(4));
    assertEquals(reason.slice(0, cut.length), cut);
  }
});

Deno.test("encodeClose rejects a code that may not be sent", () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5]) {
    assertThrows(() => encodeClose(code), RangeError);
  }
});
