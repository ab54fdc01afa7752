import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { zeroTotals } from "../../lib/hub/channel_options.ts";
import { Cursor } from "../../lib/hub/cursor.ts";
import { Linger, LINGER_BYTES } from "../../lib/hub/linger.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";
import { publishOptions, scene, watch } from "./hub_scene.ts";
import { drain, openChannel, type ScriptedChannel } from "./scripted_media.ts";

/** Seconds of a linger that does not run out within a test. */
const LONG = 60;

/** Seconds of a linger that does. */
const SHORT = 0.02;

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

interface Following extends ScriptedChannel, Disposable {
  readonly cursor: Cursor;
  /** What the watcher was sent at each wake-up. */
  readonly taken: Uint8Array[];
}

/** A channel with a watcher that has sent everything, and takes what it can at each wake-up. */
function following(linger: number, backlogSegments = 2): Following {
  const scripted = openChannel(backlogSegments);
  const { channel } = scripted;
  channel.linger = linger;
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  channel.append(bytes(0));
  drain(cursor);
  const taken: Uint8Array[] = [];
  const take = (): void => {
    const { bytes, stop } = drain(cursor);
    if (bytes.length > 0) taken.push(bytes);
    if (stop === "wait") cursor.park(take);
  };
  take();
  return {
    ...{ ...scripted, cursor, taken },
    [Symbol.dispose]: () => channel.end("ended"),
  };
}

Deno.test("Channel without linger wakes its watchers for every piece", () => {
  using scene = following(0);
  scene.channel.append(bytes(1));
  scene.channel.append(bytes(2));
  assertEquals(scene.taken, [bytes(1), bytes(2)]);
  assertEquals(scene.channel.totals.lingerMs, 0);
});

Deno.test("Channel lingers until enough bytes have arrived", () => {
  using scene = following(LONG);
  const half = LINGER_BYTES / 2;
  scene.channel.append(pattern(0, half));
  scene.channel.append(pattern(half, half - 1));
  assertEquals(scene.taken, []);
  scene.channel.append(pattern(LINGER_BYTES - 1, 1));
  assertEquals(scene.taken, [pattern(0, LINGER_BYTES)]);
});

Deno.test("Channel with a small backlog holds back no more than a quarter of it", () => {
  using scene = following(LONG, 1);
  scene.channel.append(new Uint8Array(scene.channel.maxLag / 2 - 1));
  assertEquals(scene.taken, []);
  scene.channel.append(bytes(1));
  assertEquals(scene.taken.length, 1);
});

Deno.test("Channel lingers no longer than the oldest byte may wait, whatever follows it", async () => {
  using scene = following(SHORT);
  const { channel, cursor, taken } = scene;
  const { promise, resolve } = Promise.withResolvers<void>();
  const began = performance.now();
  cursor.park(resolve);
  let pieces = 0;
  const feeding = setInterval(() => {
    pieces++;
    channel.append(bytes(1));
  }, 1);
  channel.append(bytes(1));
  await promise;
  clearInterval(feeding);
  assertGreaterOrEqual(performance.now() - began, SHORT * 1000 - 1);
  assertEquals(taken, [new Uint8Array(1 + pieces).fill(1)]);
});

Deno.test("Linger counts its releases and the time that they took", async () => {
  const clock = { now: 100 };
  const totals = zeroTotals();
  const { promise, resolve } = Promise.withResolvers<void>();
  const linger = new Linger({
    ...{ totals, delayMs: () => 1, onTimeout: resolve },
    now: () => clock.now,
  });
  assert(linger.holds(1, Infinity));
  clock.now = 130;
  assert(linger.holds(2, Infinity));
  await promise;
  clock.now = 150;
  linger.release(2);
  assertEquals([linger.head, totals.releases, totals.lingerMs], [2, 1, 50]);
  linger.release(3);
  assertEquals([linger.head, totals.releases, totals.lingerMs], [3, 2, 50]);
});

Deno.test("Channel: a watcher whose write ends while bytes linger waits with the others", () => {
  using scene = following(LONG);
  const { channel, cursor } = scene;
  channel.append(bytes(1));
  assertEquals(cursor.next(), "wait");
});

Deno.test("Channel: a watcher behind the released bytes takes those that linger too", () => {
  using scene = following(LONG);
  const { channel } = scene;
  const slow = new Cursor(channel, { start: "oldest", burst: 0, since: 0 });
  channel.append(bytes(1));
  assertEquals(drain(slow).bytes, bytes(0, 1));
  channel.append(bytes(2));
  assertEquals(slow.next(), "wait");
});

Deno.test("Channel: a watcher that joins is sent what lingers, and its first bytes, at once", () => {
  using scene = following(LONG);
  const { channel, media, taken } = scene;
  const waiting = new Cursor(channel, { start: "live", burst: 0 });
  let woken = 0;
  assertEquals(waiting.next(), "wait");
  waiting.park(() => woken++);
  media.sink.join({ offset: 1 });
  channel.append(bytes(1));
  assertEquals(woken, 1);
  assertEquals(drain(waiting).bytes, bytes(1));
  const late = new Cursor(channel, { start: "join", burst: 0 });
  assertEquals(drain(late).bytes, bytes(1));
  assertEquals(taken, []);
});

Deno.test("Channel.end(), hold() and open() release what lingers", () => {
  for (const what of ["end", "hold", "open"] as const) {
    using scene = following(LONG);
    const { channel, media, taken } = scene;
    channel.append(bytes(7));
    assertEquals(taken, []);
    if (what === "end") channel.end("ended");
    else if (what === "hold") channel.hold(60, true, () => {});
    else channel.open({ tracker: media.factory });
    assertEquals(taken, [bytes(7)], what);
  }
});

Deno.test("Channel: a watcher crosses to the next broadcast at once", () => {
  using scene = following(LONG);
  const { channel, media, taken } = scene;
  channel.open({ tracker: media.factory });
  media.sink.join({ offset: 0 });
  channel.append(bytes(5));
  assertEquals(taken, [bytes(5)]);
  channel.append(bytes(6));
  assertEquals(taken, [bytes(5)]);
});

Deno.test("Channel without watchers that follow does not linger", () => {
  const { channel } = openChannel();
  channel.linger = LONG;
  channel.append(bytes(1)); // A timer would fail the test.
  assertEquals(channel.head, 1);
});

Deno.test("Channel: whatever lingers, every watcher gets every byte in order", () => {
  const random = seededRandom(7);
  const { channel } = openChannel(64);
  channel.linger = LONG;
  const cursors = Array.from(
    { length: 8 },
    () => new Cursor(channel, { start: "join", burst: 0 }),
  );
  const got = cursors.map(() => 0);
  for (let i = 0; i < 2000; i++) {
    channel.append(pattern(channel.log.last, 1 + random(2000)));
    const which = random(cursors.length);
    const cursor = cursors[which]!;
    const next = cursor.next();
    if (!(next instanceof Uint8Array)) continue;
    const part = next.subarray(0, 1 + random(next.length));
    assertEquals(part, pattern(got[which]!, part.length));
    cursor.advance(part.length);
    got[which]! += part.length;
    cursor.park(() => {});
  }
  channel.end("ended");
  for (const [i, cursor] of cursors.entries()) {
    const { bytes, stop } = drain(cursor);
    assertEquals(stop, "end");
    assertEquals(got[i]! + bytes.length, channel.log.last);
  }
});

Deno.test("Hub: a channel lingers as its broadcaster says, or else as the hub says", async () => {
  using stage = scene({ linger: LONG });
  const { hub } = stage;
  const first = hub.publish(publishOptions({ channel: "1" })).channel;
  const own = hub.publish(publishOptions({ channel: "2", linger: 0 })).channel;
  assertEquals([first.lingerMs, own.lingerMs], [LONG * 1000, 0]);
  const { cursor } = await watch(hub, { channel: "1" });
  first.append(bytes(1));
  assertEquals(drain(cursor).bytes, bytes(1));
  cursor.park(() => {});
  first.append(bytes(2));
  assertEquals(cursor.next(), "wait");
});

Deno.test("Hub: a channel that leaves it to the load lingers under load alone", async () => {
  const clock = { now: 0 };
  using stage = scene({ linger: "auto", now: () => clock.now });
  const { hub } = stage;
  const { channel } = hub.publish(publishOptions());
  const { cursor } = await watch(hub);
  const take = (): void => {
    drain(cursor);
    cursor.park(take);
  };
  take();
  assertEquals(channel.lingerMs, 0);
  for (let i = 0; i < 100_000; i++) channel.append(bytes(i));
  clock.now += 1000;
  hub.tick();
  assertEquals(channel.lingerMs, 400);
  for (let i = 0; i < 2; i++) {
    clock.now += 1000;
    hub.tick();
  }
  assertEquals(channel.lingerMs, 0);
});
