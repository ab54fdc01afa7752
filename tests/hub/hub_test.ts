import { assertEquals, assertThrows } from "@std/assert";
import type { BroadcastEnd } from "../../lib/hub/publisher.ts";
import { Refusal } from "../../lib/errors.ts";
import type { LogFields } from "../../lib/logger.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import {
  codeOf,
  publishOptions,
  refusalOf,
  scene,
  send,
  waitOptions,
  watch,
} from "./hub_scene.ts";
import { drain } from "./scripted_media.ts";

/** Seconds of grace and of waits that run out in a test. */
const SHORT = 0.03;

Deno.test("Hub: what is broadcast is watched, until the end", async () => {
  using stage = scene();
  const publisher = stage.hub.publish(publishOptions());
  const watcher = await watch(stage.hub);
  send(publisher, 1, 2);
  send(publisher, 3);
  publisher.end("clean");
  assertEquals(drain(watcher.cursor), {
    bytes: new Uint8Array([1, 2, 3]),
    stop: "end",
  });
  assertEquals(publisher.bytes, 3);
  assertEquals(stage.hub.channels(), []);
  assertEquals(stage.events, ["channel-end"]);
});

Deno.test("Hub.channels() lists what is live or held", () => {
  using stage = scene();
  const first = stage.hub.publish(publishOptions());
  stage.hub.publish(publishOptions({ user: "other", channel: "x" }));
  first.end("broken");
  const list = stage.hub.channels().map(({ user, name, state }) =>
    `${user}/${name} ${state}`
  );
  assertEquals(list, ["fier/default held", "other/x live"]);
});

Deno.test("Hub: users' channels of one name are apart", async () => {
  using stage = scene();
  send(stage.hub.publish(publishOptions({ user: "a" })), 1);
  send(stage.hub.publish(publishOptions({ user: "b" })), 2);
  for (const [user, value] of [["a", 1], ["b", 2]] as const) {
    const { cursor } = await watch(stage.hub, { user });
    assertEquals(drain(cursor).bytes, new Uint8Array([value]));
  }
});

Deno.test("Hub.publish() again takes the channel over and keeps its watchers", async () => {
  using stage = scene();
  const revoked: string[] = [];
  const old = stage.hub.publish(
    publishOptions({ onRevoked: (why) => revoked.push(why) }),
  );
  const watcher = await watch(stage.hub);
  send(old, 1);
  const now = stage.hub.publish(publishOptions());
  assertEquals(revoked, ["taken over by a newer connection of the same user"]);
  send(old, 99); // in flight when the channel was lost
  send(now, 2);
  old.end("broken"); // the old connection breaks late
  assertEquals(watcher.channel.state, "live");
  now.end("clean");
  assertEquals(drain(watcher.cursor), {
    bytes: new Uint8Array([1, 2]),
    stop: "end",
  });
});

Deno.test("Hub.publish() with another channel password ends the watchers", async () => {
  using stage = scene();
  const old = stage.hub.publish(publishOptions({ channelPassword: "old" }));
  const watcher = await watch(stage.hub);
  assertEquals(watcher.channel.password, "old");
  send(old, 1);
  const now = stage.hub.publish(publishOptions({ channelPassword: "new" }));
  send(now, 2);
  assertEquals(drain(watcher.cursor), {
    bytes: new Uint8Array([1]),
    stop: "end",
  });
  const fresh = await watch(stage.hub);
  assertEquals(fresh.channel.password, "new");
  assertEquals(drain(fresh.cursor).bytes, new Uint8Array([2]));
});

const ENDS: readonly {
  readonly how: BroadcastEnd;
  readonly hold: number;
  readonly grace: number;
  readonly state: string;
}[] = [
  { how: "clean", hold: 0, grace: 60, state: "ended" },
  { how: "clean", hold: 60, grace: 60, state: "held" },
  { how: "clean", hold: 60, grace: 0, state: "held" },
  { how: "broken", hold: 0, grace: 60, state: "held" },
  { how: "broken", hold: 60, grace: 0, state: "ended" },
];

for (const { how, hold, grace, state } of ENDS) {
  Deno.test(`Hub: a ${how} end, hold ${hold}, grace ${grace}: ${state}`, async () => {
    using stage = scene({ graceSeconds: grace });
    const publisher = stage.hub.publish(publishOptions({ hold }));
    const { channel } = await watch(stage.hub);
    publisher.end(how);
    assertEquals(channel.state, state);
    publisher.end("clean"); // a second end is ignored
    assertEquals(channel.state, state);
  });
}

Deno.test("Hub: a broadcaster that comes back within the grace period finds its watchers", async () => {
  using stage = scene();
  const first = stage.hub.publish(publishOptions());
  const watcher = await watch(stage.hub);
  send(first, 1);
  first.end("broken");
  const second = stage.hub.publish(publishOptions());
  assertEquals(watcher.channel.state, "live");
  send(second, 2);
  assertEquals(drain(watcher.cursor), {
    bytes: new Uint8Array([1, 2]),
    stop: "wait",
  });
  assertEquals(stage.events, ["channel-hold"]);
});

Deno.test("Hub: the grace of a broken end does not run on after the return", async () => {
  using stage = scene({ graceSeconds: SHORT });
  stage.hub.publish(publishOptions()).end("broken");
  const second = stage.hub.publish(publishOptions());
  await new Promise((resolve) => setTimeout(resolve, SHORT * 1500));
  assertEquals(second.channel.state, "live");
});

Deno.test("Hub: when the grace is over the watchers end", async () => {
  using stage = scene({ graceSeconds: SHORT });
  const publisher = stage.hub.publish(publishOptions());
  const { cursor, channel } = await watch(stage.hub);
  send(publisher, 1);
  publisher.end("broken");
  assertEquals(drain(cursor).stop, "wait");
  await new Promise<void>((resolve) => cursor.park(resolve));
  assertEquals(cursor.next(), "end");
  assertEquals(channel.state, "ended");
  assertEquals(stage.hub.channels(), []);
});

Deno.test("Hub.waitFor() refuses a channel that is not live", async () => {
  using stage = scene();
  const refused = watch(stage.hub);
  assertEquals(await refusalOf(refused), "not-live: the channel is not live");
});

Deno.test("Hub.waitFor() waits for the channel and gets it from its first byte", async () => {
  using stage = scene();
  const other = refusalOf(
    watch(stage.hub, { wait: SHORT, channel: "other" }),
  );
  const waiting = watch(stage.hub, { wait: 60 });
  const publisher = stage.hub.publish(publishOptions());
  send(publisher, 1);
  send(publisher, 2); // both before the watcher had a turn
  const { cursor } = await waiting;
  assertEquals(drain(cursor).bytes, new Uint8Array([1, 2]));
  assertEquals(await other, "not-live: the channel is not live");
});

Deno.test("Hub.waitFor() ends its wait when the watcher goes", async () => {
  using stage = scene();
  const gone = new AbortController();
  const waiting = watch(stage.hub, { wait: 60, signal: gone.signal });
  gone.abort();
  assertEquals(await refusalOf(waiting), "not-live: the channel is not live");
  const late = watch(stage.hub, { wait: 60, signal: gone.signal });
  assertEquals(await refusalOf(late), "not-live: the channel is not live");
});

Deno.test("Hub.find() finds what is live or held, and nothing else", () => {
  using stage = scene();
  const publisher = stage.hub.publish(publishOptions({ hold: 60 }));
  assertEquals(stage.hub.find("fier", "default"), publisher.channel);
  publisher.end("clean");
  assertEquals(stage.hub.find("fier", "default"), publisher.channel);
  stage.hub.endChannel("fier", "default", "a test");
  assertEquals(stage.hub.find("fier", "default"), undefined);
  assertEquals(stage.hub.find("other", "default"), undefined);
});

Deno.test("Hub.join() refuses a channel that has ended since it was found", async () => {
  using stage = scene();
  const publisher = stage.hub.publish(publishOptions());
  const { channel, since } = await stage.hub.waitFor(waitOptions());
  publisher.end("clean");
  const error = assertThrows(
    () => stage.hub.join(channel, { start: "join", burst: 0, since }),
    Refusal,
  );
  assertEquals(codeOf(error), "not-live");
  assertEquals(channel.watchers, 0);
});

Deno.test("Watcher.leave() counts once, however often it is called", async () => {
  using stage = scene();
  stage.hub.publish(publishOptions());
  const [first, second] = [await watch(stage.hub), await watch(stage.hub)];
  first.leave();
  first.leave();
  assertEquals(second.channel.watchers, 1);
});

Deno.test("Hub.close() ends every channel and every wait, and accepts no one any more", async () => {
  using stage = scene();
  const revoked: string[] = [];
  const live = stage.hub.publish(
    publishOptions({ onRevoked: (why) => revoked.push(why) }),
  );
  const held = stage.hub.publish(publishOptions({ channel: "held" }));
  const watches = [
    await watch(stage.hub),
    await watch(stage.hub, { channel: "held" }),
  ];
  const waiting = watch(stage.hub, { channel: "none", wait: 60 });
  send(live, 1);
  send(held, 2);
  held.end("broken");
  stage.hub.close();
  assertEquals(revoked, ["the server is shutting down"]);
  assertEquals(watches.map(({ cursor }) => drain(cursor)), [
    { bytes: new Uint8Array([1]), stop: "end" },
    { bytes: new Uint8Array([2]), stop: "end" },
  ]);
  assertEquals(await refusalOf(waiting), "not-live: the channel is not live");
  const late = assertThrows(() => stage.hub.publish(publishOptions()), Refusal);
  assertEquals(codeOf(late), "busy");
});

Deno.test("Hub logs the first corruption of a broadcast, not each one", () => {
  using stage = scene();
  let corrupt = (_what: string): void => {};
  const inner = chunkTracker(0);
  stage.hub.publish(publishOptions({
    tracker: (sink) => {
      corrupt = sink.corruption;
      return inner(sink);
    },
  }));
  corrupt("lost sync");
  corrupt("lost sync");
  assertEquals(stage.events, ["media-corrupt"]);
});

Deno.test("Hub logs the end of a channel with its bytes, its watchers and the reason", async () => {
  const logged: LogFields[] = [];
  const hub = new Hub({
    ...{
      backlogBytes: 1,
      graceSeconds: 60,
      channelsPerUser: 2,
      burstSeconds: 0,
    },
    ...{ watchersPerChannel: 2, now: () => 0 },
    sameSecret: (a, b) => a === b,
  }, {
    log: (event, fields = {}) => {
      if (event === "channel-end") logged.push(fields);
    },
  });
  const publisher = hub.publish(publishOptions({ channel: "hall" }));
  publisher.append(new Uint8Array(2_000_000));
  const watchers = [
    await watch(hub, { channel: "hall" }),
    await watch(hub, { channel: "hall" }),
  ];
  assertEquals(publisher.channel.log.first > 0, true);
  hub.endChannel("fier", "hall", "enough");
  assertEquals(logged, [{
    ...{ user: "fier", channel: "hall", bytes: 2_000_000, watchers: 2 },
    reason: "enough",
  }]);
  for (const watcher of watchers) watcher.leave();
});
