import { assert, assertEquals, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import type { Cursor } from "../../lib/hub/cursor.ts";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import type { Watcher } from "../../lib/hub/watcher.ts";
import { pattern } from "../helpers/pattern.ts";
import {
  codeOf,
  publishOptions,
  type Scene,
  scene,
  send,
  watch,
} from "./hub_scene.ts";
import { drain } from "./scripted_media.ts";

const MIB = 1024 * 1024;

/** Broadcasts segments to a watcher that stalls in its first write, and ends. */
async function endWithStalledWatcher(
  { hub }: Scene,
  channel: string,
  segments: number,
): Promise<Watcher> {
  const publisher = hub.publish(publishOptions({ channel }));
  const watcher = await watch(hub, { channel });
  for (let i = 0; i < segments; i++) {
    publisher.append(pattern(i * SEGMENT_BYTES, SEGMENT_BYTES));
    if (i === 0) assert(watcher.cursor.next() instanceof Uint8Array);
  }
  publisher.end("clean");
  return watcher;
}

/** Ends the write of a stalled watcher, and takes what is left. */
function resume(cursor: Cursor): ReturnType<typeof drain> {
  cursor.advance(SEGMENT_BYTES);
  return drain(cursor);
}

Deno.test("Hub: ended channels whose watchers stall never keep others out", async () => {
  using stage = scene({
    memoryBytes: 32 * MIB,
    backlogBytes: 8 * MIB,
    channelsPerUser: 16,
  });
  const { hub } = stage;
  const watchers: Watcher[] = [];
  for (let i = 0; i < 65; i++) {
    // The same name again, or another one: neither gets around the limit.
    const channel = i % 2 === 0 ? "same" : `channel-${i}`;
    watchers.push(await endWithStalledWatcher(stage, channel, 32));
    const other = hub.publish(publishOptions({ user: "other" }));
    const reader = await watch(hub, { user: "other" });
    send(other, i);
    assertEquals(drain(reader.cursor).bytes, new Uint8Array([i]), `round ${i}`);
    reader.leave();
    other.end("clean");
    assert(hub.memory.usedBytes <= hub.memory.limitBytes, `round ${i}`);
    hub.tick();
  }
  for (const watcher of watchers) watcher.leave();
  assertEquals(hub.memory.usedBytes, 0);
});

Deno.test("Hub: of one user's ended channels only as many are kept as the user may have channels", async () => {
  using stage = scene({ backlogBytes: 4 * MIB, channelsPerUser: 2 });
  const watchers = [];
  for (const name of ["1", "2", "3"]) {
    watchers.push(await endWithStalledWatcher(stage, name, 3));
  }
  const taken = watchers.map(({ cursor }) => ({
    bytes: resume(cursor).bytes.length / SEGMENT_BYTES,
    complete: cursor.isComplete,
    reason: cursor.endReason,
  }));
  const whole = { bytes: 2, complete: true, reason: "the channel ended" };
  const reason = "the channel ended, and its rest was dropped to free memory";
  const dropped = { bytes: 0, complete: false, reason };
  assertEquals(taken, [dropped, whole, whole]);
});

Deno.test("Hub: a user who publishes again at once keeps the watchers of the ended channel", async () => {
  using stage = scene({ backlogBytes: 4 * MIB, channelsPerUser: 1 });
  const { cursor } = await endWithStalledWatcher(stage, "default", 3);
  const publisher = stage.hub.publish(publishOptions());
  send(publisher, 1);
  const rest = resume(cursor);
  assertEquals(rest.bytes, pattern(SEGMENT_BYTES, 2 * SEGMENT_BYTES));
  assertEquals(rest.stop, "end");
});

Deno.test("Hub: ended channels of other users stay, and one that has drained is forgotten", async () => {
  using stage = scene({ backlogBytes: 4 * MIB, channelsPerUser: 1 });
  const { hub } = stage;
  const publisher = hub.publish(publishOptions({ user: "other" }));
  const other = await watch(hub, { user: "other" });
  publisher.append(pattern(0, 10));
  publisher.end("clean");
  for (const name of ["1", "2", "3"]) {
    const watcher = await endWithStalledWatcher(stage, name, 2);
    assertEquals(resume(watcher.cursor).bytes.length, SEGMENT_BYTES, name);
    watcher.leave();
  }
  assertEquals(drain(other.cursor).bytes, pattern(0, 10));
  other.leave();
  assertEquals(hub.memory.usedBytes, 0);
});

Deno.test("Hub drops ended channels before it rejects what is new", async () => {
  using stage = scene({
    memoryBytes: 4 * MIB,
    backlogBytes: MIB,
    channelsPerUser: 9,
  });
  const { hub } = stage;
  const { cursor } = await endWithStalledWatcher(stage, "ended", 2);
  for (let i = 0; i < 5; i++) {
    hub.publish(publishOptions({ channel: String(i) }));
  }
  const sixth = publishOptions({ channel: "5" });
  const error = assertThrows(() => hub.publish(sixth), Refusal);
  assertEquals(codeOf(error), "limit");
  assertEquals(resume(cursor).bytes.length, 0);
  assertEquals(cursor.isComplete, false);
});
