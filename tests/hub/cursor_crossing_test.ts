import { assertEquals } from "@std/assert";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { StartOptions } from "../../lib/hub/join_options.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

const JOIN: StartOptions = { start: "join", burst: 0 };
const LIVE: StartOptions = { start: "live", burst: 0 };
const OLDEST: StartOptions = { start: "oldest", burst: 0 };
const EVERY_START = [JOIN, LIVE, OLDEST, { start: "join", burst: 5 }] as const;

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

function mp4(codec: string): MediaInfo {
  return { container: "mp4", mime: "video/mp4", codecs: [codec], video: true };
}

Deno.test("Cursor crosses to the next broadcast at its first join point, init first", () => {
  const { channel, media } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  channel.append(bytes(1, 2));
  channel.hold(60, true, () => {});
  assertEquals(drain(cursor), { bytes: bytes(1, 2), stop: "wait" });
  channel.open({ tracker: media.factory });
  channel.append(bytes(3)); // cannot be decoded yet
  assertEquals(cursor.next(), "wait");
  media.sink.init(bytes(0xaa));
  media.sink.join({ offset: 1, prefix: bytes(0xbb) });
  channel.append(bytes(4, 5));
  assertEquals(drain(cursor).bytes, bytes(0xaa, 0xbb, 4, 5));
});

/** A broadcast of 1 to 4 that broke off two bytes before the end of a unit, and one that continues it at a byte. */
function continued(
  offset: number,
  options: StartOptions = JOIN,
): ScriptedChannel & { readonly cursor: Cursor; readonly id: string } {
  const scripted = openChannel();
  const { channel, media } = scripted;
  media.sink.join({ offset: 0 });
  const cursor = new Cursor(channel, options);
  channel.append(bytes(1, 2, 3, 4));
  drain(cursor);
  const { id } = channel.broadcast;
  media.missingBytes = 2;
  channel.hold(60, true, () => {});
  channel.open({ tracker: media.factory, continues: { id, offset } });
  return { ...scripted, cursor, id: channel.broadcast.id };
}

Deno.test("Cursor crosses to a broadcast that continues its own at the same byte, without zeros between them", () => {
  for (const offset of [0, 1, 4]) {
    const { channel, media, cursor, id } = continued(offset);
    media.sink.init(bytes(0xaa));
    media.sink.join({ offset: 0 });
    // The broadcaster sends again what was not acknowledged.
    channel.append(bytes(1, 2, 3, 4).subarray(offset));
    assertEquals(drain(cursor), { bytes: bytes(), stop: "wait" });
    assertEquals(cursor.position, { id, offset: 4 - offset });
    channel.append(bytes(5, 6));
    assertEquals(drain(cursor).bytes, bytes(5, 6));
    assertEquals([cursor.begun, cursor.lostBytes, cursor.skips], [2, 0, 0]);
  }
});

Deno.test("Cursor crosses at a join point where the byte is missing, or a page starts its decoder again", () => {
  const fresh = { ...JOIN, freshDecoder: true };
  for (const [offset, options] of [[5, JOIN], [2, fresh]] as const) {
    const { channel, media, cursor } = continued(offset, options);
    media.sink.init(bytes(0xaa));
    media.sink.join({ offset: 1 });
    channel.append(bytes(6, 7));
    assertEquals(drain(cursor).bytes, bytes(0, 0, 0xaa, 7));
  }
});

Deno.test("Cursor ahead of a broadcast crosses to the one that continues it", () => {
  const { channel, media, cursor, id } = continued(1);
  channel.append(bytes(2));
  channel.hold(60, true, () => {});
  assertEquals(drain(cursor).stop, "wait");
  media.missingBytes = 0;
  channel.open({ tracker: media.factory, continues: { id, offset: 1 } });
  channel.append(bytes(3, 4, 5, 6));
  assertEquals(drain(cursor).bytes, bytes(5, 6));
});

Deno.test("Cursor sends what resets a decoder before init, and to one that has been running alone", () => {
  for (const freshDecoder of [false, true]) {
    const { channel, media } = openChannel();
    media.sink.init(bytes(0xaa));
    media.sink.join({ offset: 0, reset: bytes(0xee) });
    channel.append(bytes(1));
    const cursor = new Cursor(channel, { ...JOIN, freshDecoder });
    assertEquals(drain(cursor).bytes, bytes(0xaa, 1));
    channel.open({ tracker: media.factory });
    media.sink.init(bytes(0xab));
    media.sink.join({ offset: 0, reset: bytes(0xee) });
    channel.append(bytes(2));
    const reset = freshDecoder ? [] : [0xee];
    assertEquals(drain(cursor).bytes, bytes(...reset, 0xab, 2));
  }
});

Deno.test("Cursor that lags crosses broadcasts that are over already", () => {
  const { channel, media } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  for (const value of [1, 2, 3]) {
    media.sink.join({ offset: 0 });
    channel.append(bytes(value, value));
    channel.open({ tracker: media.factory });
  }
  media.sink.join({ offset: 0 });
  channel.append(bytes(4));
  channel.end("ended");
  assertEquals(drain(cursor), {
    bytes: bytes(1, 1, 2, 2, 3, 3, 4),
    stop: "end",
  });
});

Deno.test("Cursor ends where its decoder cannot follow the next broadcast", () => {
  for (const freshDecoder of [false, true]) {
    const { channel, media } = openChannel();
    const cursor = new Cursor(channel, { ...JOIN, freshDecoder });
    media.sink.info(mp4("avc1.64001f"));
    channel.append(bytes(1));
    channel.open({ tracker: media.factory });
    media.sink.info(mp4("hvc1.1.6.L93.B0"));
    media.sink.init(bytes(0xaa));
    media.sink.join({ offset: 0 });
    channel.append(bytes(2));
    assertEquals(
      drain(cursor),
      freshDecoder
        ? { bytes: bytes(1, 0xaa, 2), stop: "wait" }
        : { bytes: bytes(1), stop: "end" },
    );
    assertEquals(cursor.cannotFollow, !freshDecoder);
  }
});

Deno.test("Cursor of a watcher that joins a held channel starts with the next broadcast", () => {
  for (const start of EVERY_START) {
    const { channel, media } = openChannel();
    channel.append(bytes(1));
    channel.hold(60, true, () => {});
    const cursor = new Cursor(channel, start);
    assertEquals(cursor.next(), "wait");
    channel.open({ tracker: media.factory });
    channel.append(bytes(7, 8));
    assertEquals(drain(cursor).bytes, bytes(7, 8));
  }
});

Deno.test("Cursor that found no join point begins with the broadcast that takes over", () => {
  const { channel, media } = openChannel();
  channel.append(bytes(1));
  const cursor = new Cursor(channel, JOIN);
  assertEquals(cursor.next(), "wait");
  channel.open({ tracker: media.factory });
  channel.append(bytes(2));
  assertEquals(drain(cursor).bytes, bytes(2));
});

Deno.test("Cursor joins the newest broadcast only", () => {
  const { channel, media } = openChannel();
  channel.append(bytes(1));
  channel.open({ tracker: media.factory });
  channel.append(bytes(1));
  assertEquals(new Cursor(channel, OLDEST).next(), "wait");
  media.sink.join({ offset: 1 });
  channel.append(bytes(2));
  assertEquals(drain(new Cursor(channel, OLDEST)).bytes, bytes(2));
});
