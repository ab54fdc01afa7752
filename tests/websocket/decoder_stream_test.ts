import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import type { WebSocketEvent } from "../../lib/websocket/decoder.ts";
import { WebSocketDecoderStream } from "../../lib/websocket/decoder_stream.ts";
import { WebSocketError } from "../../lib/websocket/websocket_error.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { maskFrame } from "../helpers/mask_frame.ts";
import { pattern } from "../helpers/pattern.ts";
import { bytesOf, ping, text } from "./autobahn_case.ts";

function decoded(
  chunks: Iterable<Uint8Array>,
): ReadableStream<WebSocketEvent | Uint8Array> {
  return ReadableStream.from(chunks)
    .pipeThrough(new WebSocketDecoderStream({ maxTextBytes: 100 }));
}

const CONVERSATION = [
  maskFrame(1, "request"),
  maskFrame(2, pattern(0, 10)),
  maskFrame(9, "?"),
  maskFrame(8, bytesOf("\x03\xe9")),
];

Deno.test("WebSocketDecoderStream gives events and payload in order", async () => {
  assertEquals(await Array.fromAsync(decoded([concat(CONVERSATION)])), [
    text("request"),
    pattern(0, 10),
    ping("?"),
    { type: "close", code: 1001, reason: "" },
  ]);
});

Deno.test("WebSocketDecoderStream gives the same in chunks of one byte", async () => {
  const bytes = concat(CONVERSATION);
  const items = await Array.fromAsync(decoded(piecesOf(bytes, 1)));
  const payload = items.filter((item) => item instanceof Uint8Array);
  assertEquals(concat(payload), pattern(0, 10));
  assertEquals(items.length - payload.length, 3);
});

Deno.test("WebSocketDecoderStream ends with its input, also within a frame", async () => {
  const frame = maskFrame(2, pattern(0, 10)).subarray(0, -1);
  assertEquals(await Array.fromAsync(decoded([frame])), [pattern(0, 9)]);
});

Deno.test("WebSocketDecoderStream fails with the close code of an error", async () => {
  const items: unknown[] = [];
  const error = await assertRejects(async () => {
    const chunks = [maskFrame(1, "first"), maskFrame(3)];
    for await (const item of decoded(chunks)) items.push(item);
  }, WebSocketError);
  assertEquals(error.code, 1002);
  assertEquals(items, [text("first")]);
});

Deno.test("WebSocketDecoderStream.heldBytes tells the text that waits for its end", async () => {
  const stream = new WebSocketDecoderStream({ maxTextBytes: 100 });
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const read = reader.read();
  await writer.write(maskFrame(1, "12345", { fin: false }));
  assertEquals(stream.heldBytes, 5);
  await writer.write(maskFrame(0));
  assertEquals((await read).value, text("12345"));
  assertEquals(stream.heldBytes, 0);
  await writer.close();
});
