import { assertEquals } from "@std/assert";
import { Channel } from "../../lib/hub/channel.ts";
import { zeroTotals } from "../../lib/hub/channel_options.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { chunkTracker } from "../../lib/media/raw.ts";

/** Segments that the channel keeps; a watcher may lag by half of them. */
const BACKLOG = 8;

/**
 * A watcher that has taken nothing of several segments, each of which can be joined.
 *
 * @param server Whether the server itself was late meanwhile.
 */
function lagging(
  segments: number,
  server: { late: boolean },
): { cursor: Cursor; channel: Channel } {
  let now = 0; // Far enough apart for each join point to be remembered.
  const channel = new Channel({
    user: "fier",
    name: "default",
    password: "",
    backlogBytes: BACKLOG * SEGMENT_BYTES,
    now: () => now += 100,
    totals: zeroTotals(),
    isLate: () => server.late,
  });
  channel.open({ tracker: chunkTracker(SEGMENT_BYTES) });
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  cursor.next();
  for (let i = 0; i < segments; i++) {
    channel.append(new Uint8Array(SEGMENT_BYTES));
  }
  return { cursor, channel };
}

/** Takes what is there. */
function takeAll(cursor: Cursor): void {
  for (;;) {
    const bytes = cursor.next();
    if (typeof bytes === "string") return;
    cursor.advance(bytes.length);
  }
}

Deno.test("Cursor skips when its watcher lags, and not when the server itself is late", () => {
  for (const late of [false, true]) {
    const { cursor } = lagging(BACKLOG - 1, { late });
    takeAll(cursor);
    assertEquals(cursor.skips, late ? 0 : 1);
  }
});

Deno.test("Cursor lets a watcher that was excused catch up later, but not fall back again", () => {
  const server = { late: true };
  const { cursor, channel } = lagging(BACKLOG - 2, server);
  cursor.advance((cursor.next() as Uint8Array).length);
  server.late = false;
  cursor.advance((cursor.next() as Uint8Array).length);
  assertEquals(cursor.skips, 0);
  for (let i = 0; i < 3; i++) channel.append(new Uint8Array(SEGMENT_BYTES));
  takeAll(cursor);
  assertEquals(cursor.skips, 1);
});

Deno.test("Cursor skips all the same when the log's tail has passed it", () => {
  const { cursor } = lagging(BACKLOG + 3, { late: true });
  takeAll(cursor);
  assertEquals(cursor.skips, 1);
});
