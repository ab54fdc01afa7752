import { assert, assertEquals } from "@std/assert";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { StartOptions } from "../../lib/hub/join_options.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import type { MediaInfo } from "../../lib/media/tracker.ts";
import { drain, openChannel } from "./scripted_media.ts";

const JOIN: StartOptions = { start: "join", burst: 0 };

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

function carries(container: string, ...codecs: string[]): MediaInfo {
  return { container, mime: "video/x", codecs, video: true };
}

const H264_MATROSKA = carries("matroska", "avc1.4d");

for (
  const { name, before, after, sent } of [
    {
      name: "the same init is not sent again where it would harm",
      before: { info: H264_MATROSKA, init: [9] },
      after: { info: H264_MATROSKA, init: [9] },
      sent: [2],
    },
    {
      name: "another init of H.264 in Matroska cannot be followed",
      before: { info: H264_MATROSKA, init: [9] },
      after: { info: H264_MATROSKA, init: [8] },
      sent: undefined,
    },
    {
      name: "another init of WebM is sent",
      before: { info: carries("webm", "vp8"), init: [9] },
      after: { info: carries("webm", "vp8"), init: [8] },
      sent: [8, 2],
    },
    {
      name: "another container cannot be followed",
      before: { info: carries("webm", "vp8"), init: [9] },
      after: { info: carries("mpegts", "avc1.4d"), init: [8] },
      sent: undefined,
    },
    {
      name: "another codec cannot be followed",
      before: { info: carries("mpegts", "avc1.4d"), init: [9] },
      after: { info: carries("mpegts", "hvc1.1"), init: [9] },
      sent: undefined,
    },
  ]
) {
  Deno.test(`Cursor that crosses: ${name}`, () => {
    const { channel, media } = openChannel();
    const cursor = new Cursor(channel, JOIN);
    const fresh = new Cursor(channel, { ...JOIN, freshDecoder: true });
    media.sink.info(before.info);
    media.sink.init(bytes(...before.init));
    media.sink.join({ offset: 0 });
    channel.append(bytes(1));
    assertEquals(drain(cursor).bytes, bytes(1));
    drain(fresh);
    channel.open({ tracker: media.factory });
    media.sink.info(after.info);
    media.sink.init(bytes(...after.init));
    media.sink.join({ offset: 0 });
    channel.append(bytes(2));
    const { bytes: got, stop } = drain(cursor);
    assertEquals([...got], sent ?? []);
    assertEquals(stop, sent ? "wait" : "end");
    assertEquals(cursor.cannotFollow, sent === undefined);
    // A watcher that opens a new decoder can follow anything, and is sent the whole init.
    assertEquals([...drain(fresh).bytes], [...after.init, 2]);
  });
}

Deno.test("Cursor crosses to the first join point of the next broadcast, with its init", () => {
  const { channel, media } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  channel.append(bytes(1, 2));
  channel.hold(60, true, () => {});
  assertEquals(drain(cursor), { bytes: bytes(1, 2), stop: "wait" });
  channel.open({ tracker: media.factory });
  assertEquals(cursor.next(), "wait");
  media.sink.init(bytes(0xaa));
  channel.append(bytes(3, 4));
  assertEquals(cursor.next(), "wait");
  media.sink.join({ offset: 1 });
  channel.append(bytes(5));
  assertEquals(drain(cursor).bytes, bytes(0xaa, 4, 5));
  assertEquals(cursor.begun, 2);
});

Deno.test("Cursor that lags too much leaves the stream where a join point begins", () => {
  const { channel, media, clock } = openChannel(8);
  const appendGroup = (i: number): void => {
    media.sink.join({ offset: i * SEGMENT_BYTES });
    channel.append(new Uint8Array(SEGMENT_BYTES).fill(i));
    clock.now += 1000;
  };
  media.sink.init(bytes(0xaa));
  appendGroup(0);
  const cursor = new Cursor(channel, JOIN);
  assertEquals(cursor.next(), bytes(0xaa));
  cursor.advance(1);
  assertEquals(cursor.next().length, SEGMENT_BYTES);
  cursor.advance(10);
  for (let i = 1; i <= 6; i++) appendGroup(i);
  const { bytes: rest } = drain(cursor);
  assertEquals(rest.length, 2 * SEGMENT_BYTES - 10);
  assert(rest.subarray(0, SEGMENT_BYTES - 10).every((byte) => byte === 0));
  assert(rest.subarray(SEGMENT_BYTES - 10).every((byte) => byte === 6));
  assertEquals(cursor.skips, 1);
  assertEquals(cursor.skippedBytes, 5 * SEGMENT_BYTES);
});

Deno.test("Cursor that began far back is not taken for one that lags", () => {
  const { channel, media, clock } = openChannel(8);
  for (let i = 0; i < 7; i++) {
    media.sink.join({ offset: i * SEGMENT_BYTES });
    channel.append(new Uint8Array(SEGMENT_BYTES));
    clock.now += 1000;
  }
  const cursor = new Cursor(channel, { start: "oldest", burst: 0 });
  assertEquals(drain(cursor).bytes.length, 7 * SEGMENT_BYTES);
  assertEquals(cursor.skips, 0);
});
