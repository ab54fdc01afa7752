import { assertEquals } from "@std/assert";
import { encodeFrame, FrameDecoder } from "../../lib/wire/frame.ts";
import { bytesOf, frameOf } from "../helpers/wire_bytes.ts";

Deno.test("encodeFrame() writes length, zero and text", () => {
  assertEquals(
    [...encodeFrame("watch")],
    [0, 0, 0, 5, 0, 0x77, 0x61, 0x74, 0x63, 0x68],
  );
  assertEquals([...encodeFrame("")], [0, 0, 0, 0, 0]);
});

Deno.test("encodeFrame() counts bytes of UTF-8", () => {
  for (const text of ["é", "€", "😀", "a\0b", "x".repeat(70_000)]) {
    assertEquals(encodeFrame(text), frameOf(text));
  }
});

Deno.test("FrameDecoder.push() tells how many bytes of the last push are the frame's", () => {
  const decoder = new FrameDecoder(100);
  assertEquals(decoder.push(bytesOf("\0\0")), { state: "more" });
  assertEquals(decoder.push(bytesOf("\0\u0003\0ab")), { state: "more" });
  assertEquals(decoder.push(bytesOf("cMEDIA")), {
    state: "frame",
    text: "abc",
    used: 1,
  });
});

Deno.test("FrameDecoder.push() keeps nothing of a chunk that is written over later", () => {
  const decoder = new FrameDecoder(100);
  const buffer = new Uint8Array(4);
  const frame = frameOf("watch,user=fier");
  let last: unknown;
  for (let at = 0; at < frame.length; at += 4) {
    const part = frame.subarray(at, at + 4);
    buffer.set(part);
    last = decoder.push(buffer.subarray(0, part.length));
    buffer.fill(0xff);
  }
  assertEquals(last, { state: "frame", text: "watch,user=fier", used: 4 });
});

Deno.test("FrameDecoder.push() judges the length before the fifth byte", () => {
  assertEquals(new FrameDecoder(10).push(frameOf("", 11, 7)), {
    state: "bad",
    why: "length 11 exceeds maximum allowed 10",
  });
  assertEquals(new FrameDecoder(10).push(frameOf("", 10, 255)), {
    state: "bad",
    why: "byte 5 must be 0, current value is 255",
  });
});
