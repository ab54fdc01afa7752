import { assertEquals } from "@std/assert";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { StartOptions } from "../../lib/hub/join_options.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

const JOIN: StartOptions = { start: "join", burst: 0, freshDecoder: true };

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** A broadcast of 1, 2, 3 that broke off two bytes before the end of a unit, then one of 4, 5. */
function spliced(): ScriptedChannel & { readonly id: string } {
  const scripted = openChannel();
  const { channel, media } = scripted;
  const { id } = channel.broadcast;
  media.sink.join({ offset: 0 });
  channel.append(bytes(1, 2, 3));
  media.missingBytes = 2;
  channel.hold(60, true, () => {});
  channel.open({ tracker: media.factory });
  media.sink.init(bytes(0xaa));
  media.sink.join({ offset: 0 });
  channel.append(bytes(4, 5));
  return { ...scripted, id };
}

Deno.test("Cursor with resume continues at the byte, completes the unit and crosses", () => {
  const { channel, id } = spliced();
  for (const offset of [0, 1, 2, 3]) {
    const cursor = new Cursor(channel, { ...JOIN, resume: { id, offset } });
    assertEquals([cursor.position, cursor.leadBytes], [{ id, offset }, 0]);
    const media = bytes(1, 2, 3).subarray(offset);
    const rest = bytes(...media, 0, 0, 0xaa, 4, 5);
    assertEquals(drain(cursor).bytes, rest);
    assertEquals(cursor.lostBytes, 0);
  }
});

/** A watcher two bytes ahead of a broadcast that continues a lost one at byte 3. */
function ahead(): ScriptedChannel & { readonly cursor: Cursor } {
  const scripted = openChannel();
  const { channel, media } = scripted;
  const continues = { id: "00ff", offset: 3 };
  channel.open({ tracker: media.factory, continues });
  const resume = { id: "00ff", offset: 5 };
  return { ...scripted, cursor: new Cursor(channel, { ...JOIN, resume }) };
}

Deno.test("Cursor ahead of a broadcast takes what comes behind its position", () => {
  const { channel, cursor } = ahead();
  assertEquals(drain(cursor), { bytes: bytes(), stop: "wait" });
  channel.append(bytes(3, 4, 5, 6));
  assertEquals(drain(cursor).bytes, bytes(5, 6));
});

Deno.test("Cursor ahead of a broadcast ends with its channel", () => {
  const { channel, cursor } = ahead();
  channel.append(bytes(3));
  channel.end("ended");
  assertEquals(drain(cursor), { bytes: bytes(), stop: "end" });
});

Deno.test("Cursor ahead of a broadcast crosses to the next one, and loses nothing of it", () => {
  const { channel, media, cursor } = ahead();
  channel.append(bytes(3));
  channel.hold(60, false, () => {});
  assertEquals(drain(cursor), { bytes: bytes(), stop: "wait" });
  channel.open({ tracker: media.factory });
  media.sink.init(bytes(0xaa));
  media.sink.join({ offset: 0 });
  channel.append(bytes(7, 8));
  assertEquals(drain(cursor).bytes, bytes(0xaa, 7, 8));
  assertEquals([cursor.lostBytes, cursor.skippedBytes], [0, 0]);
  channel.end("ended");
});

Deno.test("Cursor with resume joins as usual behind the last byte that was received", () => {
  const { channel, id } = spliced();
  const newest = { id: channel.broadcast.id, offset: 0 };
  for (const offset of [4, 5, 6, 1e15]) {
    const cursor = new Cursor(channel, { ...JOIN, resume: { id, offset } });
    assertEquals([cursor.position, cursor.leadBytes], [newest, 1]);
    assertEquals(cursor.lostBytes, undefined);
    assertEquals(drain(cursor).bytes, bytes(0xaa, 4, 5));
  }
});
