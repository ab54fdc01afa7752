import { assertEquals } from "@std/assert";
import { publishOptions, scene, watch } from "./hub_scene.ts";
import { drain, ScriptedMedia } from "./scripted_media.ts";

const CLIENT = { protocol: "http", remote: "192.0.2.1:5000" } as const;

Deno.test("Watcher.lag is what was received and not sent, in bytes and in time", async () => {
  const clock = { now: 0 };
  using stage = scene({ now: () => clock.now, backlogBytes: 1_000_000 });
  const publisher = stage.hub.publish(publishOptions());
  const watcher = await watch(stage.hub);
  assertEquals(watcher.lag, { bytes: 0, ms: 0 });
  clock.now = 1000;
  publisher.append(new Uint8Array(300));
  clock.now = 2000;
  publisher.append(new Uint8Array(50));
  assertEquals(watcher.lag, { bytes: 350, ms: 1000 });
  watcher.cursor.next();
  watcher.cursor.advance(300);
  assertEquals(watcher.lag, { bytes: 50, ms: 0 });
  clock.now = 2700;
  assertEquals(watcher.lag, { bytes: 50, ms: 700 });
  drain(watcher.cursor);
  assertEquals(watcher.lag, { bytes: 0, ms: 0 });
});

Deno.test("Watcher.lag is unknown while the watcher waits for a place to start", async () => {
  using stage = scene();
  const media = new ScriptedMedia();
  const publisher = stage.hub.publish(
    publishOptions({ tracker: media.factory }),
  );
  publisher.append(new Uint8Array(5));
  const watcher = await watch(stage.hub, { start: "live" });
  assertEquals(watcher.lag, undefined);
  media.sink.join({ offset: 5 });
  publisher.append(new Uint8Array(2));
  watcher.cursor.next();
  assertEquals(watcher.lag, { bytes: 2, ms: 0 });
});

Deno.test("Watcher.lag of one that left the stream counts from there", async () => {
  const clock = { now: 0 };
  using stage = scene({ now: () => clock.now });
  const media = new ScriptedMedia();
  const publisher = stage.hub.publish(
    publishOptions({ tracker: media.factory }),
  );
  const watcher = await watch(stage.hub);
  publisher.append(new Uint8Array(1_000_000));
  clock.now = 500;
  assertEquals(watcher.cursor.next(), "wait", "it left, and finds no join yet");
  assertEquals(watcher.lag, { bytes: 1_000_000, ms: 500 });
  assertEquals(watcher.cursor.skips, 1);
});

Deno.test("Watcher.bitrate() is measured between two looks, a second apart at least", async () => {
  const clock = { now: 0 };
  using stage = scene({ now: () => clock.now, backlogBytes: 1_000_000 });
  const publisher = stage.hub.publish(publishOptions());
  const { cursor, ...watcher } = await watch(stage.hub)
    .then((each) => ({
      cursor: each.cursor,
      rate: () => each.bitrate(clock.now),
    }));
  assertEquals(watcher.rate(), 0);
  publisher.append(new Uint8Array(1000));
  drain(cursor);
  clock.now = 2000;
  assertEquals(watcher.rate(), 4000, "since it joined");
  publisher.append(new Uint8Array(500));
  drain(cursor);
  clock.now = 2500;
  assertEquals(watcher.rate(), 4000, "too soon for another measurement");
  clock.now = 3000;
  assertEquals(watcher.rate(), 4000);
  clock.now = 4000;
  assertEquals(watcher.rate(), 0);
});

Deno.test("Channel.audience names those who watch, each by a number of its own", async () => {
  using stage = scene();
  stage.hub.publish(publishOptions());
  const first = await watch(stage.hub, { client: CLIENT });
  const { channel } = first;
  first.leave();
  const second = await watch(stage.hub, { client: CLIENT });
  const third = await watch(stage.hub);
  assertEquals([...channel.audience], [second, third]);
  assertEquals(new Set([first.id, second.id, third.id]).size, 3);
  assertEquals([second.client, third.client], [CLIENT, undefined]);
});
