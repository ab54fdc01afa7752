import { assert, assertEquals } from "@std/assert";
import { equals } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { StartOptions } from "../../lib/hub/join_options.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { pattern } from "../helpers/pattern.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

const JOIN: StartOptions = { start: "join", burst: 0 };

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** A watcher of a channel with boundaries every 100 bytes, overtaken after 30, and a join behind it all. */
function overtaken(
  boundaries: number,
  freshDecoder = false,
): ScriptedChannel & { readonly cursor: Cursor } {
  const scripted = openChannel();
  const { channel, media } = scripted;
  const cursor = new Cursor(channel, { ...JOIN, freshDecoder });
  media.sink.init(bytes(0xaa));
  media.sink.join({ offset: 0 });
  for (let i = 1; i <= boundaries; i++) media.sink.boundary?.(i * 100);
  channel.append(pattern(0, 30));
  drain(cursor);
  const far = 4 * SEGMENT_BYTES;
  channel.append(new Uint8Array(far));
  media.sink.join({ offset: far + 30 });
  channel.append(bytes(7, 8));
  return { ...scripted, cursor };
}

Deno.test("Cursor that was overtaken completes its unit with zeros where units have boundaries", () => {
  const { cursor } = overtaken(3);
  const { bytes: got } = drain(cursor, 9);
  assertEquals(got, new Uint8Array([...new Uint8Array(70), 7, 8]));
  assertEquals(cursor.skips, 1);
  assertEquals(cursor.skippedBytes, 4 * SEGMENT_BYTES);
  assertEquals(cursor.sentBytes, 30 + 70 + 2);
  assertEquals(cursor.cannotFollow, false);
});

Deno.test("Cursor of a watcher that opens a new decoder sends no zeros, but the whole init", () => {
  const { cursor } = overtaken(3, true);
  assertEquals(drain(cursor).bytes, bytes(0xaa, 7, 8));
});

Deno.test("Cursor that was overtaken ends where the boundary of its unit is not known", () => {
  const scripted = openChannel();
  const { channel, media } = scripted;
  const cursor = new Cursor(channel, JOIN);
  media.sink.boundary?.(10);
  channel.append(pattern(0, 30));
  drain(cursor);
  const far = 4 * SEGMENT_BYTES;
  channel.append(new Uint8Array(far));
  media.sink.join({ offset: far + 30 });
  channel.append(bytes(7));
  assertEquals(drain(cursor), { bytes: bytes(), stop: "end" });
  assert(cursor.cannotFollow);
});

Deno.test("Cursor that lags leaves the stream where its join point says", () => {
  const { channel, media, clock } = openChannel(4); // it may lag by two segments
  const cursor = new Cursor(channel, JOIN);
  const half = SEGMENT_BYTES / 2;
  for (let i = 0; i < 6; i++) {
    media.sink.join({ offset: i * half + 50, leave: i * half });
    channel.append(pattern(i * half, half));
    clock.now += 100;
    if (i === 0) cursor.advance(100);
  }
  const { bytes: got } = drain(cursor);
  assertEquals(cursor.skips, 1);
  assert(equals(got.subarray(0, half - 100), pattern(100, half - 100)));
  assert(equals(got.subarray(half - 100), pattern(5 * half + 50, half - 50)));
  assertEquals(cursor.skippedBytes, 4 * half + 50);
});

for (const [taken, expected] of [[0, [0xaa, 7]], [30, []]] as const) {
  Deno.test(`Cursor that was overtaken after ${taken} bytes of a header of 100`, () => {
    const { channel, media } = openChannel();
    const cursor = new Cursor(channel, JOIN);
    media.sink.boundary?.(100);
    media.sink.init(bytes(0xaa));
    channel.append(pattern(0, taken));
    drain(cursor);
    const far = 4 * SEGMENT_BYTES;
    media.sink.join({ offset: 100 });
    channel.append(new Uint8Array(far));
    media.sink.join({ offset: far + taken });
    channel.append(bytes(7));
    assertEquals(drain(cursor).bytes, bytes(...expected));
    assertEquals(cursor.cannotFollow, taken > 0);
  });
}

function carries(...codecs: string[]): MediaInfo {
  return { container: "mpegts", mime: "video/mp2t", codecs, video: true };
}

/** A watcher that is to cross to a broadcast whose first join point comes before its codecs. */
function crossing(): ScriptedChannel & { readonly cursor: Cursor } {
  const scripted = openChannel();
  const { channel, media, clock } = scripted;
  const cursor = new Cursor(channel, JOIN);
  media.sink.info(carries("avc1.4d", "mp4a.40.2"));
  media.sink.join({ offset: 0 });
  channel.append(bytes(1));
  drain(cursor);
  channel.open({ tracker: media.factory });
  media.sink.info(carries());
  media.sink.join({ offset: 0 });
  channel.append(bytes(2));
  clock.now += 1000;
  return { ...scripted, cursor };
}

Deno.test("Cursor waits at a broadcast until its codecs are known, and follows", () => {
  const { channel, media, cursor } = crossing();
  assertEquals(cursor.next(), "wait");
  media.sink.info(carries("avc1.64", "mp4a.40.2"));
  channel.append(bytes(3));
  assertEquals(drain(cursor).bytes, bytes(2, 3));
});

Deno.test("Cursor waits at a broadcast until its codecs are known, and ends", () => {
  const { channel, media, cursor } = crossing();
  assertEquals(cursor.next(), "wait");
  media.sink.info(carries("hvc1.1", "mp4a.40.2"));
  channel.append(bytes(3));
  assertEquals(cursor.next(), "end");
  assert(cursor.cannotFollow);
});

Deno.test("Cursor waits for codecs no longer than to the second join point, or the end", () => {
  const second = crossing();
  assertEquals(second.cursor.next(), "wait");
  second.media.sink.join({ offset: 1 });
  second.channel.append(bytes(3));
  assertEquals(drain(second.cursor).bytes, bytes(2, 3));
  const ended = crossing();
  ended.channel.end("ended");
  assertEquals(drain(ended.cursor), { bytes: bytes(2), stop: "end" });
});
