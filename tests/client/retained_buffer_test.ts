import { assertEquals, assertThrows } from "@std/assert";
import { RetainedBuffer } from "../../lib/client/retained_buffer.ts";
import { FramedDecoderStream } from "../../lib/wire/framed_decoder_stream.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";

/** The media of one frame. */
async function mediaOf(frame: Uint8Array): Promise<Uint8Array> {
  const items = await Array.fromAsync(
    ReadableStream.from([frame.slice()]).pipeThrough(new FramedDecoderStream()),
  );
  assertEquals(items.length, 1);
  return items[0] as Uint8Array;
}

/** Fills free space with the pattern, up to `most` bytes. */
function fill(buffer: RetainedBuffer, most: number): number {
  const free = buffer.free().subarray(0, most);
  free.set(pattern(buffer.end, free.length));
  buffer.add(free.length);
  return free.length;
}

Deno.test("RetainedBuffer keeps exactly its capacity", () => {
  for (const capacity of [1, 4, 5, 6, 100]) {
    const buffer = new RetainedBuffer(capacity);
    while (fill(buffer, 3) > 0);
    assertEquals([buffer.start, buffer.end], [0, capacity]);
    assertEquals(buffer.free().length, 0);
    buffer.release(1);
    while (fill(buffer, 3) > 0);
    assertEquals([buffer.start, buffer.end], [1, capacity + 1]);
  }
});

Deno.test("RetainedBuffer.slice() frames the bytes at an offset, wherever the ring begins", async () => {
  const buffer = new RetainedBuffer(50);
  const random = seededRandom(3);
  for (let turn = 0; turn < 2000; turn++) {
    fill(buffer, random(20));
    const offset = buffer.start + random(buffer.length + 1);
    const { frame, length, restore } = buffer.slice(offset);
    if (length > 0) assertEquals(await mediaOf(frame), pattern(offset, length));
    restore();
    buffer.release(buffer.start + random(buffer.length + 1));
  }
});

Deno.test("RetainedBuffer.slice() restores what its header covers, unless newer bytes are there", async () => {
  const random = seededRandom(5);
  for (let turn = 0; turn < 500; turn++) {
    const buffer = new RetainedBuffer(20 + random(10));
    fill(buffer, 10 + random(10));
    buffer.release(random(8));
    const offset = buffer.start + random(buffer.length);
    const { frame, length, restore } = buffer.slice(offset);
    const written = frame.slice();
    // While it is being written, bytes may be acknowledged and read.
    buffer.release(buffer.start + random(offset + length - buffer.start + 1));
    fill(buffer, 100);
    fill(buffer, 100);
    if (buffer.start <= offset) assertEquals(frame, written);
    restore();
    for (let at = buffer.start; at < buffer.end;) {
      const rest = buffer.slice(at);
      assertEquals(await mediaOf(rest.frame), pattern(at, rest.length));
      rest.restore();
      at += rest.length;
    }
  }
});

Deno.test("RetainedBuffer refuses offsets that it does not keep", () => {
  const buffer = new RetainedBuffer(100);
  fill(buffer, 50);
  buffer.release(20);
  for (const offset of [19, 51, -1, NaN, Infinity]) {
    assertThrows(() => buffer.release(offset), RangeError, "only 20 to 50");
    assertThrows(() => buffer.slice(offset), RangeError);
  }
  assertEquals(buffer.length, 30);
});
