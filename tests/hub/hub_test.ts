import { assertEquals, assertThrows } from "@std/assert";
import type { BroadcastEnd } from "../../lib/hub/broadcast.ts";
import { Refusal } from "../../lib/errors.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import { claim, codeOf, refusalOf, scene, send, wish } from "./hub_scene.ts";
import { drain } from "./scripted_media.ts";

/** Seconds of grace and of waits that run out in a test. */
const SHORT = 0.03;

Deno.test("Hub: what is broadcast is watched, until the end", async () => {
  using stage = scene();
  const broadcast = stage.hub.broadcast(claim());
  const watch = await stage.hub.watch(wish());
  send(broadcast, 1, 2);
  send(broadcast, 3);
  broadcast.end("clean");
  assertEquals(drain(watch.cursor), {
    bytes: new Uint8Array([1, 2, 3]),
    stop: "end",
  });
  assertEquals(broadcast.bytes, 3);
  assertEquals(stage.hub.channels(), []);
  assertEquals(stage.events, ["channel-end"]);
});

Deno.test("Hub.channels() lists what is live or held", () => {
  using stage = scene();
  const first = stage.hub.broadcast(claim());
  stage.hub.broadcast(claim({ user: "other", channel: "x" }));
  first.end("broken");
  const list = stage.hub.channels().map(({ user, name, state }) =>
    `${user}/${name} ${state}`
  );
  assertEquals(list, ["fier/default held", "other/x live"]);
});

Deno.test("Hub: users' channels of one name are apart", async () => {
  using stage = scene();
  send(stage.hub.broadcast(claim({ user: "a" })), 1);
  send(stage.hub.broadcast(claim({ user: "b" })), 2);
  for (const [user, value] of [["a", 1], ["b", 2]] as const) {
    const { cursor } = await stage.hub.watch(wish({ user }));
    assertEquals(drain(cursor).bytes, new Uint8Array([value]));
  }
});

Deno.test("Hub.broadcast() again takes the channel over and keeps its watchers", async () => {
  using stage = scene();
  const revoked: string[] = [];
  const old = stage.hub.broadcast(
    claim({ onRevoked: (why) => revoked.push(why) }),
  );
  const watch = await stage.hub.watch(wish());
  send(old, 1);
  const now = stage.hub.broadcast(claim());
  assertEquals(revoked, ["taken over by a newer connection of the same user"]);
  send(old, 99); // what was on its way when he lost the channel
  send(now, 2);
  old.end("broken"); // his connection breaks late
  assertEquals(watch.channel.state, "live");
  now.end("clean");
  assertEquals(drain(watch.cursor), {
    bytes: new Uint8Array([1, 2]),
    stop: "end",
  });
});

Deno.test("Hub.broadcast() with another channel password ends the watchers", async () => {
  using stage = scene();
  const old = stage.hub.broadcast(claim({ channelPassword: "old" }));
  const watch = await stage.hub.watch(wish({ channelPassword: "old" }));
  send(old, 1);
  const now = stage.hub.broadcast(claim({ channelPassword: "new" }));
  send(now, 2);
  assertEquals(drain(watch.cursor), {
    bytes: new Uint8Array([1]),
    stop: "end",
  });
  const denied = stage.hub.watch(wish({ channelPassword: "old" }));
  assertEquals(await refusalOf(denied), "denied: access denied");
  const fresh = await stage.hub.watch(wish({ channelPassword: "new" }));
  assertEquals(drain(fresh.cursor).bytes, new Uint8Array([2]));
});

Deno.test("Hub.watch() needs the channel's password, and none where there is none", async () => {
  using stage = scene();
  stage.hub.broadcast(claim({ channelPassword: "word" }));
  for (const channelPassword of ["", "wrong"]) {
    const denied = stage.hub.watch(wish({ channelPassword }));
    assertEquals(await refusalOf(denied), "denied: access denied");
  }
  await stage.hub.watch(wish({ channelPassword: "word" }));
  stage.hub.broadcast(claim({ channel: "open" }));
  await stage.hub.watch(wish({ channel: "open", channelPassword: "any" }));
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
    const broadcast = stage.hub.broadcast(claim({ hold }));
    const { channel } = await stage.hub.watch(wish());
    broadcast.end(how);
    assertEquals(channel.state, state);
    broadcast.end("clean"); // a second end says nothing
    assertEquals(channel.state, state);
  });
}

Deno.test("Hub: who comes back within the grace finds the watchers there", async () => {
  using stage = scene();
  const first = stage.hub.broadcast(claim());
  const watch = await stage.hub.watch(wish());
  send(first, 1);
  first.end("broken");
  const second = stage.hub.broadcast(claim());
  assertEquals(watch.channel.state, "live");
  send(second, 2);
  assertEquals(drain(watch.cursor), {
    bytes: new Uint8Array([1, 2]),
    stop: "wait",
  });
  assertEquals(stage.events, ["channel-hold"]);
});

Deno.test("Hub: the grace of a broken end does not run on after the return", async () => {
  using stage = scene({ graceSeconds: SHORT });
  stage.hub.broadcast(claim()).end("broken");
  const second = stage.hub.broadcast(claim());
  await new Promise((resolve) => setTimeout(resolve, SHORT * 1500));
  assertEquals(second.channel.state, "live");
});

Deno.test("Hub: when the grace is over the watchers end", async () => {
  using stage = scene({ graceSeconds: SHORT });
  const broadcast = stage.hub.broadcast(claim());
  const { cursor, channel } = await stage.hub.watch(wish());
  send(broadcast, 1);
  broadcast.end("broken");
  assertEquals(drain(cursor).stop, "wait");
  await new Promise<void>((resolve) => cursor.park(resolve));
  assertEquals(cursor.next(), "end");
  assertEquals(channel.state, "ended");
  assertEquals(stage.hub.channels(), []);
});

Deno.test("Hub.watch() refuses a channel that is not live", async () => {
  using stage = scene();
  const refused = stage.hub.watch(wish());
  assertEquals(await refusalOf(refused), "not-live: the channel is not live");
});

Deno.test("Hub.watch() waits for the channel and gets it from its first byte", async () => {
  using stage = scene();
  const other = refusalOf(
    stage.hub.watch(wish({ wait: SHORT, channel: "other" })),
  );
  const waiting = stage.hub.watch(wish({ wait: 60 }));
  const broadcast = stage.hub.broadcast(claim());
  send(broadcast, 1);
  send(broadcast, 2); // both before the watcher had a turn
  const { cursor } = await waiting;
  assertEquals(drain(cursor).bytes, new Uint8Array([1, 2]));
  assertEquals(await other, "not-live: the channel is not live");
});

Deno.test("Hub.watch() ends its wait when the watcher goes", async () => {
  using stage = scene();
  const gone = new AbortController();
  const waiting = stage.hub.watch(wish({ wait: 60, signal: gone.signal }));
  gone.abort();
  assertEquals(await refusalOf(waiting), "not-live: the channel is not live");
  const late = stage.hub.watch(wish({ wait: 60, signal: gone.signal }));
  assertEquals(await refusalOf(late), "not-live: the channel is not live");
});

Deno.test("Hub.close() ends every channel and every wait, and takes nobody any more", async () => {
  using stage = scene();
  const revoked: string[] = [];
  const live = stage.hub.broadcast(
    claim({ onRevoked: (why) => revoked.push(why) }),
  );
  const held = stage.hub.broadcast(claim({ channel: "held" }));
  const watches = [
    await stage.hub.watch(wish()),
    await stage.hub.watch(wish({ channel: "held" })),
  ];
  const waiting = stage.hub.watch(wish({ channel: "none", wait: 60 }));
  send(live, 1);
  send(held, 2);
  held.end("broken");
  stage.hub.close();
  assertEquals(revoked, ["the server stops"]);
  assertEquals(watches.map(({ cursor }) => drain(cursor)), [
    { bytes: new Uint8Array([1]), stop: "end" },
    { bytes: new Uint8Array([2]), stop: "end" },
  ]);
  assertEquals(await refusalOf(waiting), "not-live: the channel is not live");
  const late = assertThrows(() => stage.hub.broadcast(claim()), Refusal);
  assertEquals(codeOf(late), "busy");
});

Deno.test("Hub logs the first corruption of a broadcast, not each one", () => {
  using stage = scene();
  let corruption = (_what: string): void => {};
  const inner = chunkTracker(0);
  stage.hub.broadcast(claim({
    tracker: (sink) => {
      corruption = sink.corruption;
      return inner(sink);
    },
  }));
  corruption("lost sync");
  corruption("lost sync");
  assertEquals(stage.events, ["media-corruption"]);
});
