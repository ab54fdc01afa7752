import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { Refusal } from "../../../lib/errors.ts";
import { Channel } from "../../../lib/hub/channel.ts";
import { zeroTotals } from "../../../lib/hub/channel_options.ts";
import { Cursor } from "../../../lib/hub/cursor.ts";
import {
  BACKLOG_FLOOR_BYTES,
  MemoryBudget,
  SESSION_BYTES,
  type StalledWatcher,
} from "../../../lib/hub/memory/memory_budget.ts";
import { SEGMENT_BYTES } from "../../../lib/hub/segment_log.ts";
import type { TrackerFactory } from "../../../lib/media/tracker.ts";
import { pattern } from "../../helpers/pattern.ts";
import {
  codeOf,
  publishOptions,
  refusalOf,
  scene,
  watch,
} from "../hub_scene.ts";
import { ScriptedMedia } from "../scripted_media.ts";

const MIB = 1024 * 1024;

/** A live channel of a budget, with 8 MiB of backlog of its own. */
function openChannel(memory: MemoryBudget, now = (): number => 0): Channel {
  const channel = new Channel({
    user: "fier",
    name: "default",
    password: "",
    backlogBytes: 8 * MIB,
    now,
    totals: zeroTotals(),
    memory,
  });
  channel.open({ tracker: new ScriptedMedia().factory });
  return channel;
}

/** Fills segments. */
function fill(channel: Channel, segments: number): void {
  for (let i = 0; i < segments; i++) {
    channel.append(new Uint8Array(SEGMENT_BYTES));
  }
}

/** What a channel takes before its first byte. */
const QUIET_BYTES = BACKLOG_FLOOR_BYTES + SESSION_BYTES.broadcaster;

/** A watcher that has stalled for so long, and holds so much. */
class Stalled implements StalledWatcher {
  readonly cuts: string[] = [];

  constructor(readonly stalledMs: number, readonly heldBytes: number) {}

  cut(why: string): void {
    this.cuts.push(why);
  }
}

Deno.test("MemoryBudget counts a channel's floor from its beginning, and nothing once it is over", () => {
  const memory = new MemoryBudget(32 * MIB);
  const channel = openChannel(memory);
  assertEquals(memory.usedBytes, QUIET_BYTES);
  fill(channel, 2);
  assertEquals(memory.usedBytes, QUIET_BYTES);
  fill(channel, 3);
  assertEquals(memory.held.backlog, 5 * SEGMENT_BYTES);
  channel.end("ended");
  assertEquals(memory.usedBytes, 0);
});

Deno.test("MemoryBudget counts an ended channel until its last watcher has left", () => {
  const memory = new MemoryBudget(32 * MIB);
  const channel = openChannel(memory);
  fill(channel, 4);
  const cursor = new Cursor(channel, { start: "oldest", burst: 0 });
  channel.enter(cursor);
  channel.end("ended");
  assertEquals(memory.held.backlog, 4 * SEGMENT_BYTES);
  channel.leave(cursor);
  assertEquals(memory.usedBytes, 0);
});

Deno.test("MemoryBudget keeps no floor for an ended channel, nor room for its broadcaster", () => {
  const memory = new MemoryBudget(2 * QUIET_BYTES + SEGMENT_BYTES);
  const ended = openChannel(memory);
  fill(ended, 2);
  ended.enter(new Cursor(ended, { start: "oldest", burst: 0 }));
  ended.end("ended");
  assertEquals(memory.usedBytes, 2 * SEGMENT_BYTES);
  const live = openChannel(memory);
  fill(live, 2);
  assertEquals(ended.log.heldBytes, 2 * SEGMENT_BYTES);
  fill(live, 1);
  assertEquals(ended.log.heldBytes, 2 * SEGMENT_BYTES);
  fill(live, 1);
  assertEquals(ended.log.heldBytes, SEGMENT_BYTES);
  fill(live, 1);
  assertEquals(ended.log.heldBytes, 0);
  assertEquals(live.log.first, 0);
});

Deno.test("MemoryBudget drops the oldest backlog of all first, down to each channel's floor", () => {
  const clock = { now: 0 };
  const memory = new MemoryBudget(2 * QUIET_BYTES + 4 * SEGMENT_BYTES);
  const older = openChannel(memory, () => clock.now);
  const newer = openChannel(memory, () => clock.now);
  fill(older, 4);
  clock.now = 1;
  fill(newer, 4);
  assertEquals([older, newer].map(({ log }) => log.first), [0, 0]);
  fill(newer, 1);
  assertEquals(older.log.first, SEGMENT_BYTES);
  fill(newer, 1);
  assertEquals(older.log.heldBytes, BACKLOG_FLOOR_BYTES);
  assertEquals(newer.log.first, 0);
  fill(newer, 1);
  // The older one has its floor left; now the newer one makes room for itself.
  assertEquals(older.log.heldBytes, BACKLOG_FLOOR_BYTES);
  assertEquals(newer.log.first, SEGMENT_BYTES);
  assert(memory.usedBytes <= memory.limitBytes);
});

Deno.test("MemoryBudget keeps its limit whatever channels append", () => {
  const memory = new MemoryBudget(8 * MIB);
  const channels = Array.from({ length: 8 }, () => openChannel(memory));
  for (let round = 0; round < 50; round++) {
    for (const [i, channel] of channels.entries()) {
      channel.append(new Uint8Array(1000 + round * 4001 * (i + 1)));
      assert(memory.usedBytes <= memory.limitBytes, `round ${round}`);
    }
  }
  const held = channels.reduce((sum, { log }) => sum + log.heldBytes, 0);
  assert(held <= memory.limitBytes);
  assertGreater(held, memory.limitBytes / 2);
});

Deno.test("Channel lets its watchers lag less while memory leaves it less", () => {
  const memory = new MemoryBudget(QUIET_BYTES + 4 * SEGMENT_BYTES);
  const channel = openChannel(memory);
  assertEquals(channel.maxLag, 4 * MIB);
  fill(channel, 9);
  assertEquals(channel.maxLag, 3 * SEGMENT_BYTES);
});

Deno.test("Channel lets its watchers lag as before once memory has come back", () => {
  const memory = new MemoryBudget(QUIET_BYTES + 40 * SEGMENT_BYTES);
  const channel = openChannel(memory);
  memory.change("unsent", 36 * SEGMENT_BYTES);
  fill(channel, 9);
  channel.settle();
  assertEquals(channel.maxLag, 3 * SEGMENT_BYTES);
  memory.change("unsent", -36 * SEGMENT_BYTES);
  channel.settle();
  assertEquals(channel.maxLag, 3 * SEGMENT_BYTES);
  fill(channel, 1);
  channel.settle();
  assertEquals(channel.maxLag, 4 * MIB);
});

Deno.test("MemoryBudget counts a dropped segment once while writes hold it, however many", () => {
  const memory = new MemoryBudget(QUIET_BYTES + 4 * SEGMENT_BYTES);
  const channel = openChannel(memory);
  fill(channel, 1);
  const cursors = [1, 2, 3].map(() => {
    const cursor = new Cursor(channel, { start: "oldest", burst: 0, since: 0 });
    channel.enter(cursor);
    assert(cursor.next() instanceof Uint8Array);
    return cursor;
  });
  fill(channel, 40);
  assertEquals(memory.held.unsent, SEGMENT_BYTES);
  assert(cursors.every(({ holdsDropped }) => holdsDropped));
  for (const cursor of cursors) {
    cursor.advance(1);
    channel.leave(cursor);
  }
  memory.tick();
  assertEquals(memory.held.unsent, 0);
});

Deno.test("Cursor gives small copies when memory is short, so that no write keeps a segment", () => {
  const memory = new MemoryBudget(QUIET_BYTES);
  const channel = openChannel(memory);
  channel.append(pattern(0, 100_000));
  const cursor = new Cursor(channel, { start: "oldest", burst: 0, since: 0 });
  const bytes = cursor.next() as Uint8Array;
  assertEquals(bytes, pattern(0, 16 * 1024));
  assertEquals(bytes.buffer.byteLength, bytes.length);
  assertEquals(cursor.heldFrom, undefined);
});

Deno.test("MemoryBudget cuts the watcher that stalled longest and holds memory when memory is short, and no other", () => {
  const memory = new MemoryBudget(16 * MIB);
  const patient = new Stalled(999, 4 * MIB);
  const longest = new Stalled(5200, MIB);
  const longer = new Stalled(3000, MIB);
  const holdsNothing = new Stalled(9000, 0);
  const all = [patient, longest, longer, holdsNothing];
  for (const watcher of all) memory.addWatcher(watcher);
  memory.change("unsent", 14 * MIB);
  memory.tick();
  assertEquals(all.flatMap(({ cuts }) => cuts), []);
  memory.change("unsent", MIB);
  memory.tick();
  assertEquals(longest.cuts, [
    "took no byte for 5.2 s while memory is short (1 s and 16 MiB allowed)",
  ]);
  assertEquals([patient, longer, holdsNothing].flatMap((w) => w.cuts), []);
});

Deno.test("MemoryBudget cuts who has stalled for a second, not a moment less", () => {
  const memory = new MemoryBudget(16 * MIB);
  const all = [new Stalled(999, MIB), new Stalled(1000, MIB)];
  for (const watcher of all) memory.addWatcher(watcher);
  memory.change("unsent", 16 * MIB);
  memory.tick();
  assertEquals(all.map(({ cuts }) => cuts.length), [0, 1]);
});

Deno.test("Hub rejects watchers that there is no memory for, and accepts them when others left", async () => {
  const memoryBytes = (QUIET_BYTES + SESSION_BYTES.watcher) * 8 / 7;
  using stage = scene({ memoryBytes });
  stage.hub.publish(publishOptions());
  const first = await watch(stage.hub);
  const second = watch(stage.hub);
  assertEquals(await refusalOf(second), "limit: the server has no memory left");
  first.leave();
  await watch(stage.hub);
  assertEquals(first.channel.watchers, 1);
});

Deno.test("Hub rejects channels that there is no memory for, and says how much there is", () => {
  using stage = scene({ memoryBytes: MIB });
  stage.hub.publish(publishOptions({ channel: "1" }));
  const second = publishOptions({ channel: "2" });
  const error = assertThrows(() => stage.hub.publish(second), Refusal);
  assertEquals(codeOf(error), "limit");
  assertEquals(
    error.detail,
    "0.6 MiB in use besides old backlog (memory of 1 MiB allowed)",
  );
  stage.hub.publish(publishOptions({ channel: "1" })); // takes its own over: no new one
});

Deno.test("Hub ends a channel whose headers fill the memory", () => {
  const heavy: TrackerFactory = (sink) => ({
    ...{ heldBytes: 0, missingBytes: 0, time: undefined },
    push: (): void => {
      sink.init(new Uint8Array(MIB));
      sink.join({ offset: 0 });
    },
  });
  using stage = scene({ memoryBytes: 1.5 * MIB });
  stage.hub.publish(publishOptions({ tracker: heavy })).append(
    new Uint8Array(1),
  );
  stage.hub.tick();
  assertEquals(stage.hub.channels(), []);
  assert(stage.events.includes("channel-end"));
});

Deno.test("MemoryBudget logs once in ten seconds that memory is short", () => {
  const events: string[] = [];
  const logger = { log: (event: string): void => void events.push(event) };
  const memory = new MemoryBudget(MIB, logger);
  memory.change("session", MIB);
  for (let ticker = 0; ticker < 41; ticker++) memory.tick();
  assertEquals(events, ["memory-short", "memory-short"]);
});
