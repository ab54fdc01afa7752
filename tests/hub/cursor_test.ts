import { assert, assertEquals } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { StartOptions } from "../../lib/hub/join_options.ts";
import { locate } from "../../lib/hub/locate.ts";
import { isNew } from "../../lib/hub/start_point.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { pattern } from "../helpers/pattern.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

const JOIN: StartOptions = { start: "join", burst: 0 };
const LIVE: StartOptions = { start: "live", burst: 0 };
const OLDEST: StartOptions = { start: "oldest", burst: 0 };
const EVERY_START = [JOIN, LIVE, OLDEST, { start: "join", burst: 5 }] as const;

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

/** Ten bytes at a time, 1, 2, 3 … ; each ten is a join, one second apart. */
function broadcasting(tens: number): ScriptedChannel {
  const scripted = openChannel();
  appendTens(scripted, 1, tens);
  return scripted;
}

function appendTens(
  { channel, media, clock }: ScriptedChannel,
  from: number,
  to: number,
): void {
  media.sink.init(bytes(0xaa));
  for (let i = from; i <= to; i++) {
    media.sink.join({ offset: (i - 1) * 10, prefix: bytes(0xbb, i) });
    channel.append(new Uint8Array(10).fill(i));
    clock.now += 1000;
  }
}

/** What a joiner at a ten is sent: the lead, then all tens up to the last. */
function joined(from: number, to: number): Uint8Array {
  const sent = [0xaa, 0xbb, from];
  for (let i = from; i <= to; i++) sent.push(...new Uint8Array(10).fill(i));
  return new Uint8Array(sent);
}

Deno.test("Cursor with start=join begins at the newest join point", () => {
  const { channel } = broadcasting(3);
  assertEquals(drain(new Cursor(channel, JOIN)), {
    bytes: joined(3, 3),
    stop: "wait",
  });
});

Deno.test("Cursor begins where the channel was when the watcher came, not at its first write", () => {
  const scripted = broadcasting(3);
  const cursor = new Cursor(scripted.channel, JOIN);
  appendTens(scripted, 4, 5);
  assertEquals(drain(cursor).bytes, joined(3, 5));
});

Deno.test("Cursor with start=oldest begins at the oldest join point", () => {
  const { channel } = broadcasting(3);
  assertEquals(drain(new Cursor(channel, OLDEST)).bytes, joined(1, 3));
});

Deno.test("Cursor with start=live waits for the next join point", () => {
  const scripted = broadcasting(3);
  const cursor = new Cursor(scripted.channel, LIVE);
  assertEquals(cursor.next(), "wait");
  appendTens(scripted, 4, 5);
  assertEquals(drain(cursor).bytes, joined(4, 5));
});

Deno.test("Cursor with a burst begins that many seconds ago", () => {
  const { channel } = broadcasting(5); // the newest arrived a second ago
  const from = (burst: number): Uint8Array =>
    drain(new Cursor(channel, { start: "join", burst })).bytes;
  assertEquals(from(1), joined(5, 5));
  assertEquals(from(2.5), joined(3, 5));
  assertEquals(from(3600), joined(1, 5));
});

Deno.test("Cursor begins where the join is, not where its chunk began", () => {
  const { channel, media } = openChannel();
  channel.append(pattern(0, 50));
  media.sink.join({ offset: 70 });
  channel.append(pattern(50, 50));
  assertEquals(drain(new Cursor(channel, JOIN)).bytes, pattern(70, 30));
});

Deno.test("Cursor waits while there is no join point, and ends with the channel", () => {
  const { channel } = openChannel();
  channel.append(bytes(1));
  const cursor = new Cursor(channel, JOIN);
  assertEquals(cursor.next(), "wait");
  channel.end("ended");
  assertEquals(cursor.next(), "end");
});

Deno.test("Cursor that was there before the first byte gets every byte, and no lead", () => {
  for (const start of EVERY_START) {
    const { channel, media } = openChannel();
    const cursor = new Cursor(channel, start);
    assertEquals(cursor.next(), "wait");
    channel.append(bytes(1, 2));
    media.sink.init(bytes(9));
    media.sink.join({ offset: 3 });
    channel.append(bytes(3, 4));
    assertEquals(drain(cursor).bytes, bytes(1, 2, 3, 4));
  }
});

Deno.test("Cursor of a watcher that came before the channel gets every byte", () => {
  const { channel } = broadcasting(2);
  const cursor = new Cursor(channel, { ...JOIN, since: 0 });
  assertEquals(drain(cursor).bytes, joined(1, 2).subarray(3));
});

Deno.test("Cursor.advance() takes parts of the lead and of the log", () => {
  for (const most of [1, 2, 3, 7]) {
    const { channel } = broadcasting(3);
    const cursor = new Cursor(channel, OLDEST);
    assertEquals(drain(cursor, most).bytes, joined(1, 3));
    assertEquals(cursor.sentBytes, 33);
  }
});

Deno.test("Cursor.next() gives the same again until it is advanced", () => {
  const { channel } = broadcasting(1);
  const cursor = new Cursor(channel, OLDEST);
  assertEquals(cursor.next(), cursor.next());
  cursor.advance(1);
  assertEquals(cursor.next(), bytes(0xbb, 1));
});

Deno.test("Cursor reads across segments what was appended", () => {
  const { channel } = openChannel(4);
  const cursor = new Cursor(channel, JOIN);
  const total = 3 * SEGMENT_BYTES + 11;
  channel.append(pattern(0, total));
  const got = drain(cursor, 100_000).bytes;
  assert(equals(got, pattern(0, total)));
});

Deno.test("Cursor that was overtaken continues at the newest join point", () => {
  const { channel, media } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  channel.append(bytes(1, 2, 3));
  cursor.next();
  cursor.advance(2);
  const far = 4 * SEGMENT_BYTES;
  channel.append(new Uint8Array(far));
  media.sink.init(bytes(0xaa));
  media.sink.join({ offset: far + 3 });
  channel.append(bytes(7, 8));
  assertEquals(drain(cursor).bytes, bytes(0xaa, 7, 8));
  assertEquals(cursor.skips, 1);
  assertEquals(cursor.skippedBytes, far + 1);
});

Deno.test("Cursor that was overtaken waits where no join point is kept", () => {
  const { channel, media } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  const far = 4 * SEGMENT_BYTES;
  channel.append(new Uint8Array(far));
  assertEquals(cursor.next(), "wait");
  assertEquals(cursor.next(), "wait"); // one skip, not one for each look
  assertEquals(cursor.skips, 1);
  media.sink.join({ offset: far });
  channel.append(bytes(5));
  assertEquals(drain(cursor).bytes, bytes(5));
  assertEquals(cursor.skips, 1);
});

Deno.test("Cursor that is overtaken while its lead is sent finishes the lead first", () => {
  const scripted = broadcasting(1);
  const cursor = new Cursor(scripted.channel, OLDEST);
  cursor.next();
  cursor.advance(1);
  scripted.channel.append(new Uint8Array(4 * SEGMENT_BYTES));
  assertEquals(cursor.next(), bytes(0xbb, 1));
  cursor.advance(2);
  assertEquals(cursor.next(), "wait");
  assertEquals(cursor.skips, 1);
});

Deno.test("Cursor that lags too much leaves where another join point begins", () => {
  const scripted = openChannel(4); // it may lag by two segments
  const { channel, media, clock } = scripted;
  const cursor = new Cursor(channel, JOIN);
  const half = SEGMENT_BYTES / 2;
  for (let i = 0; i < 6; i++) {
    media.sink.join({ offset: i * half });
    channel.append(pattern(i * half, half));
    clock.now += 100;
    if (i === 0) cursor.advance(100);
  }
  const got = drain(cursor).bytes;
  assertEquals(cursor.skips, 1);
  assertEquals(cursor.skippedBytes, 4 * half);
  const left = pattern(100, half - 100);
  assert(equals(got, concat([left, pattern(5 * half, half)])));
});

Deno.test("Cursor gives all bytes of an ended channel, then the end", () => {
  const { channel } = broadcasting(3);
  const before = new Cursor(channel, OLDEST);
  channel.end("ended");
  assertEquals(drain(before), { bytes: joined(1, 3), stop: "end" });
  assertEquals(before.next(), "end");
});

Deno.test("Cursor ends with an ended channel of which there was no byte", () => {
  const { channel } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  channel.end("ended");
  assertEquals(cursor.next(), "end");
});

Deno.test("Cursor.park() wakes once for new bytes, and not after unpark()", () => {
  const { channel } = openChannel();
  const cursor = new Cursor(channel, JOIN);
  let woken = 0;
  const wake = (): number => woken++;
  cursor.park(wake);
  channel.append(bytes(1));
  channel.append(bytes(2));
  assertEquals(woken, 1);
  cursor.park(wake);
  cursor.unpark(wake);
  channel.append(bytes(3));
  assertEquals(woken, 1);
});

Deno.test("isNew() is true for the first 30 seconds of a channel", () => {
  const liveSince = 1000;
  const rows = [1000, 30_999, 31_000].map((at) =>
    isNew({ now: () => at, liveSince })
  );
  assertEquals(rows, [true, true, false]);
});

Deno.test("locate() continues a broadcast of another server where it was left, and not before", () => {
  const { channel } = openChannel();
  Object.assign(channel.broadcast, { continues: { id: "b", offset: 100 } });
  const { base } = channel.broadcast;
  const at = (id: string, offset: number): number | undefined =>
    locate({ id, offset }, channel.broadcasts)?.at;
  assertEquals([at("b", 99), at("b", 100), at("b", 130), at("c", 130)], [
    undefined,
    base,
    base + 30,
    undefined,
  ]);
});
