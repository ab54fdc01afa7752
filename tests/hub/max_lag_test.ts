import { assertEquals } from "@std/assert";
import { AUTO_MAX_LAG, type MaxLag } from "../../lib/config/values.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { publishOptions, scene } from "./hub_scene.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

/** Bytes of a piece. */
const PIECE = 1000;

/** A channel of 64 segments with a limit. */
function limited(limit: Partial<MaxLag>): ScriptedChannel {
  const scripted = openChannel(64);
  scripted.channel.allowedLag.limit = { ...AUTO_MAX_LAG, ...limit };
  return scripted;
}

/** Sends pieces, each of which is a join point, so many milliseconds apart. */
function send(
  { channel, media, clock }: ScriptedChannel,
  pieces: number,
  stepMs: number,
): void {
  for (let i = 0; i < pieces; i++) {
    clock.now += stepMs;
    media.sink.join({ offset: channel.log.last });
    channel.append(new Uint8Array(PIECE));
  }
}

Deno.test("max-lag in bytes: a watcher beyond it skips to the newest join point", () => {
  const scene = limited({ bytes: 10 * PIECE });
  const cursor = new Cursor(scene.channel, { start: "join", burst: 0 });
  send(scene, 10, 200);
  assertEquals(cursor.next(), scene.channel.log.read(0), "as far as allowed");
  assertEquals(cursor.skips, 0);
  send(scene, 1, 200);
  cursor.next();
  assertEquals([cursor.skips, cursor.skippedBytes], [1, 10 * PIECE]);
  assertEquals(cursor.logOffset, 10 * PIECE);
});

Deno.test("max-lag in time: a watcher that lags longer skips, however few the bytes are", () => {
  const scene = limited({ seconds: 2 });
  const { channel, clock } = scene;
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  send(scene, 10, 200);
  clock.now += 100;
  cursor.next();
  assertEquals(cursor.skips, 0, "2000 ms");
  send(scene, 2, 200);
  cursor.next();
  assertEquals([cursor.skips, cursor.logOffset], [1, 11 * PIECE]);
});

Deno.test("max-lag in time: a watcher that keeps up never skips, over pauses and bursts", () => {
  const scene = limited({ seconds: 1 });
  const { channel, clock } = scene;
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  for (const [pieces, stepMs] of [[20, 40], [1, 60_000], [900, 0], [1, 5000]]) {
    send(scene, pieces!, stepMs!);
    drain(cursor);
    clock.now += 10_000;
    assertEquals(drain(cursor).stop, "wait");
  }
  assertEquals([cursor.skips, cursor.sentBytes], [0, channel.log.last]);
});

Deno.test("max-lag: a watcher that starts further back may catch up, but not fall back again", () => {
  const scene = limited({ seconds: 2 });
  send(scene, 50, 200);
  const cursor = new Cursor(scene.channel, { start: "oldest", burst: 0 });
  for (let sent = 0; sent < 40; sent++) {
    assertEquals(cursor.next() instanceof Uint8Array, true);
    cursor.advance(PIECE);
  }
  send(scene, 8, 200); // 18 pieces behind now, 3.6 s.
  cursor.next();
  assertEquals(cursor.skips, 1);
});

Deno.test("max-lag is half of the backlog at most, and of what is left of that", () => {
  const { channel } = limited({ bytes: 1e12 });
  assertEquals(channel.maxLag, 32 * SEGMENT_BYTES);
  channel.allowedLag.limit = { ...AUTO_MAX_LAG, seconds: 3600 };
  channel.append(new Uint8Array(40 * SEGMENT_BYTES));
  assertEquals(channel.maxLag, 32 * SEGMENT_BYTES);
});

Deno.test("max-lag in time leaves out what lingers", () => {
  const scene = limited({ seconds: 1 });
  scene.channel.linger = 5;
  send(scene, 25, 200);
  assertEquals(scene.channel.maxLag, 25 * PIECE);
  send(scene, 10, 200);
  assertEquals(scene.channel.maxLag, 31 * PIECE);
});

Deno.test("Hub: a channel has the max-lag of its broadcaster, or else the hub's", () => {
  const own = { ...AUTO_MAX_LAG, bytes: 100_000 };
  const all = { ...AUTO_MAX_LAG, seconds: 3 };
  using stage = scene({ maxLag: all });
  const limitOf = (channel: string, maxLag?: MaxLag): MaxLag =>
    stage.hub.publish(publishOptions({ channel, maxLag })).channel.allowedLag
      .limit;
  assertEquals([limitOf("1", own), limitOf("2")], [own, all]);
});
