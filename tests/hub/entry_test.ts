import { assertEquals } from "@std/assert";
import { Cursor } from "../../lib/hub/cursor.ts";
import type { Elsewhere } from "../../lib/hub/elsewhere.ts";
import { entryOf } from "../../lib/hub/entry_point.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import {
  publishOptions,
  refusalOf,
  scene,
  send,
  waitOptions,
  watch,
} from "./hub_scene.ts";
import { drain } from "./scripted_media.ts";

/** An entry at a byte of a broadcast. */
function entry(from: number, isJoin = true): {
  id: string;
  from: number;
  lead: Uint8Array;
  isJoin: boolean;
} {
  return { id: "b0", from, lead: new Uint8Array(), isJoin };
}

/** Another server that does what a test says. */
function elsewhere(changes: Partial<Elsewhere>): Elsewhere {
  return {
    find: () => Promise.resolve(),
    take: () => Promise.resolve(false),
    began: (): void => {},
    ended: (): void => {},
    channelsOf: () => 0,
    watchersOf: () => 0,
    ...changes,
  };
}

function bytesOf(cursor: Cursor): number[] {
  return [...drain(cursor, 100).bytes];
}

Deno.test("positions of an entered broadcast are those of the server that received it", async () => {
  using at = scene();
  const tracker = chunkTracker(0);
  const publisher = at.hub.publish(
    publishOptions({ tracker, entry: entry(1000) }),
  );
  send(publisher, 1, 2);
  send(publisher, 3, 4);
  const { cursor } = await watch(at.hub);
  assertEquals(cursor.position, { id: "b0", offset: 1002 });
  assertEquals(bytesOf(cursor), [3, 4]);
  assertEquals(cursor.position, { id: "b0", offset: 1004 });
  const { cursor: resumed } = await watch(at.hub, {
    resume: { id: "b0", offset: 1001 },
  });
  assertEquals(bytesOf(resumed), [2, 3, 4]);
});

Deno.test("a watcher that is ahead of an entered broadcast waits for its byte", async () => {
  using at = scene();
  const tracker = chunkTracker(0);
  const publisher = at.hub.publish(
    publishOptions({ tracker, entry: entry(1000) }),
  );
  send(publisher, 1, 2);
  const resume = { id: "b0", offset: 1003 };
  const { cursor } = await watch(at.hub, { resume });
  assertEquals(cursor.next(), "wait");
  send(publisher, 3, 4, 5);
  assertEquals(bytesOf(cursor), [4, 5]);
});

Deno.test("a watcher is not taken to bytes of the broadcast before an entered one", async () => {
  using at = scene();
  send(at.hub.publish(publishOptions({ tracker: chunkTracker(0) })), 1, 2, 3);
  const publisher = at.hub.publish(
    publishOptions({ tracker: chunkTracker(0), entry: entry(2) }),
  );
  send(publisher, 7, 8);
  // Its place in the log holds a byte of the other broadcast.
  const { cursor } = await watch(at.hub, { resume: { id: "b0", offset: 1 } });
  assertEquals(bytesOf(cursor), [7, 8]);
  assertEquals(cursor.lostBytes, 1);
});

Deno.test("a gap in an entered broadcast is counted as a skip, with what was lost", async () => {
  using at = scene();
  const first = publishOptions({ tracker: chunkTracker(0), entry: entry(0) });
  send(at.hub.publish(first), 1, 2, 3, 4);
  const { cursor } = await watch(at.hub, { since: 0 });
  assertEquals(bytesOf(cursor), [1, 2, 3, 4]);
  const later = publishOptions({ tracker: chunkTracker(0), entry: entry(10) });
  send(at.hub.publish(later), 11, 12);
  assertEquals(bytesOf(cursor), [11, 12]);
  assertEquals([cursor.skips, cursor.lostBytes], [1, 6]);
  assertEquals(cursor.position, { id: "b0", offset: 12 });
});

Deno.test("bytes that came late have arrived when the other server received them", () => {
  let now = 60_000;
  using at = scene({ now: () => now });
  const tracker = chunkTracker(0);
  const publisher = at.hub.publish(
    publishOptions({ tracker, entry: entry(0) }),
  );
  publisher.append(new Uint8Array(1), 5000);
  publisher.append(new Uint8Array(1), 3000);
  now += 1000;
  const { joins } = at.hub.find("fier", "default")!.broadcast;
  assertEquals(joins.oldest?.arrival, 55_000);
  assertEquals(joins.newest?.arrival, 57_000);
});

Deno.test("entryOf() names the first byte, then the oldest join point, then what comes next", () => {
  using at = scene();
  const publisher = at.hub.publish(
    publishOptions({ tracker: chunkTracker(0) }),
  );
  const channel = at.hub.find("fier", "default")!;
  send(publisher, 1, 2, 3, 4);
  send(publisher, 5);
  assertEquals(entryOf(channel, 0).from, 0);
  assertEquals(entryOf(channel, 0).isJoin, false);
  assertEquals(entryOf(channel, 1).from, 4);
  assertEquals(entryOf(channel, 1).isJoin, true);
  assertEquals(entryOf(channel, 9), {
    ...entry(9, false),
    id: channel.broadcast.id,
  });
});

Deno.test("Hub.waitFor() asks the other servers, and a fed channel is joined like one's own", async () => {
  using at = scene();
  let asked = 0;
  at.hub.elsewhere = elsewhere({
    find: (user, channel) => {
      asked++;
      if (channel === "hall") {
        const fed = at.hub.publish(
          publishOptions({ user, channel, entry: entry(0) }),
        );
        send(fed, 1);
        send(fed, 2);
      }
      return Promise.resolve();
    },
  });
  const { cursor } = await watch(at.hub, { channel: "hall" });
  assertEquals(bytesOf(cursor), [2], "it begins at the newest join point");
  assertEquals(
    await refusalOf(watch(at.hub)),
    "not-live: the channel is not live",
  );
  await watch(at.hub, { channel: "hall" });
  assertEquals(asked, 2);
});

Deno.test("limits count what other servers have, and fed channels only there", async () => {
  using at = scene({ channelsPerUser: 2, watchersPerChannel: 2 });
  let [channels, watchers] = [0, 0];
  at.hub.elsewhere = elsewhere({
    channelsOf: () => channels,
    watchersOf: () => watchers,
  });
  at.hub.publish(publishOptions({ channel: "a", entry: entry(0) }));
  at.hub.publish(publishOptions({ channel: "b", entry: entry(0) }));
  at.hub.publish(publishOptions({ channel: "c" }));
  channels = 1;
  const full = (): Promise<unknown> =>
    Promise.resolve().then(() => at.hub.publish(publishOptions()));
  assertEquals(
    await refusalOf(full()),
    "limit: too many channels of this user",
  );
  watchers = 2;
  assertEquals(
    await refusalOf(watch(at.hub, { channel: "c" })),
    "limit: the channel has too many watchers",
  );
});

Deno.test("other servers are told what begins and ends here, and decide who continues what they feed", async () => {
  using at = scene();
  const told: string[] = [];
  at.hub.elsewhere = elsewhere({
    began: ({ name }) => void told.push(`began ${name}`),
    ended: ({ name }) => void told.push(`ended ${name}`),
    take: (_, secret) => Promise.resolve(secret === "right"),
  });
  const onRevoked = (): void => {};
  at.hub.publish(publishOptions({ channel: "own" }));
  at.hub.publish(publishOptions({ channel: "fed", entry: entry(7) }));
  assertEquals(told, ["began own"]);
  const { resumeCheck } = at.hub;
  assertEquals(await resumeCheck.isRight("fier", "fed", "wrong"), false);
  assertEquals(await resumeCheck.isRight("fier", "fed", "right"), true);
  const publisher = at.hub.resume({ user: "fier", channel: "fed", onRevoked });
  assertEquals([publisher.bytes, publisher.broadcast.secret], [7, "right"]);
  assertEquals(told, ["began own", "began fed"]);
  at.hub.endChannel("fier", "fed", "over");
  assertEquals(told.at(-1), "ended fed");
});

Deno.test("ResumeCheck.isPossible() waits for what another server feeds", async () => {
  using at = scene();
  const { resumeCheck } = at.hub;
  assertEquals(await resumeCheck.isPossible("fier", "default"), false);
  at.hub.elsewhere = elsewhere({
    find: async () => {
      await Promise.resolve();
      at.hub.publish(publishOptions({ entry: entry(7) }));
    },
  });
  assertEquals(await resumeCheck.isPossible("fier", "default"), true);
});

Deno.test("Hub.release() holds the channel for the next broadcaster, and tells its broadcaster why", () => {
  const told: string[] = [];
  using at = scene();
  const onRevoked = (...why: string[]): void => void told.push(...why);
  const publisher = at.hub.publish(publishOptions({ onRevoked }));
  const channel = at.hub.find("fier", "default")!;
  at.hub.release(channel, "it moves", "taken-over");
  assertEquals([channel.state, told], ["held", ["it moves", "taken-over"]]);
  assertEquals(at.events.at(-1), "channel-hold");
  at.hub.release(channel, "again", "taken-over");
  publisher.end("clean");
  assertEquals([channel.state, told.length], ["held", 2]);
});

Deno.test("Hub.waitFor() waits for what another server feeds, and finds it at once", async () => {
  using at = scene();
  at.hub.elsewhere = elsewhere({
    find: async () => {
      await Promise.resolve();
      at.hub.publish(publishOptions({ entry: entry(7) }));
    },
  });
  const { channel } = await at.hub.waitFor(waitOptions());
  assertEquals(channel, at.hub.find("fier", "default"));
});
