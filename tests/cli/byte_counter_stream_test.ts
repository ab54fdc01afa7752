import { assertEquals } from "@std/assert";
import {
  ByteCounterStream,
  rawTransfer,
} from "../../lib/cli/byte_counter_stream.ts";

Deno.test("ByteCounterStream counts the bytes and passes on the same chunks", async () => {
  const chunks = [new Uint8Array(3), new Uint8Array(), new Uint8Array(70_000)];
  const counter = new ByteCounterStream();
  const out = await Array.fromAsync(
    ReadableStream.from(chunks).pipeThrough(counter),
  );
  assertEquals(out.map((chunk) => chunks.indexOf(chunk as never)), [0, 1, 2]);
  assertEquals(counter.bytes, 70_003);
  assertEquals(rawTransfer(counter).bytes, 70_003);
});
