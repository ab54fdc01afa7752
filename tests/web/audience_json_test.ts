import { assertEquals } from "@std/assert";
import {
  audienceJson,
  sortedAudience,
  WATCHER_ORDERS,
  type WatcherJson,
} from "../../lib/web/audience_json.ts";
import type { Channel } from "../../lib/hub/channel.ts";
import { seededRandom } from "../helpers/rng.ts";
import { publishOptions, scene } from "../hub/hub_scene.ts";

/** What ranks a watcher in each order, lowest first. */
const RANKS: Readonly<Record<string, (watcher: WatcherJson) => number>> = {
  lag: ({ lag }) => -(lag ?? -1),
  rate: ({ bitrate }) => -bitrate,
  lost: ({ lost }) => -lost,
  skips: ({ skips }) => -skips,
  sent: ({ sent }) => -sent,
  since: ({ since }) => Date.parse(since),
};

/** A channel with watchers of all kinds: some equal, some not started, some players of HLS. */
function audience(): { channel: Channel; close: () => void } {
  const clock = { now: 0 };
  const random = seededRandom(5);
  const { hub } = scene({
    now: () => clock.now,
    watchersPerChannel: 1000,
    backlogBytes: 8 * 1024 * 1024,
  });
  const publisher = hub.publish(publishOptions());
  const { channel } = publisher;
  for (let i = 0; i < 200; i++) {
    clock.now += 100;
    publisher.append(new Uint8Array(1000));
    const start = i % 20 === 7 ? "live" : "oldest";
    const { cursor } = hub.join(channel, { start, burst: 0 });
    if (start === "oldest") {
      cursor.next();
      cursor.advance(random(5) * 200);
    }
    cursor.skips = random(3);
    cursor.skippedBytes = random(4) * 1000;
    if (i % 10 > 0) continue;
    const client = { host: `192.0.2.${i}`, remote: "", agent: "" };
    channel.hlsAudience.seen(client)?.sent(random(9000), random(9000));
  }
  clock.now += 1000;
  return { channel, close: () => hub.close() };
}

Deno.test("audienceJson() describes the first of all watchers in every order", () => {
  const { channel, close } = audience();
  for (const sort of WATCHER_ORDERS) {
    const all = audienceJson(channel, { sort, limit: 1000 });
    assertEquals(all.length, 220);
    const rank = RANKS[sort]!;
    const ranks = all.map(rank);
    assertEquals(ranks, ranks.toSorted((a, b) => a - b), sort);
    for (const limit of [0, 1, 7, 100, 219, 220]) {
      const some = audienceJson(channel, { sort, limit });
      assertEquals(some.map(({ id }) => id), ids(all, limit), sort);
    }
    const shuffled = all.toSorted((a, b) => a.id % 7 - b.id % 7);
    const first = sortedAudience(shuffled, { sort, limit: 50 });
    assertEquals(first.map(rank), ranks.slice(0, 50), sort);
  }
  close();
});

function ids(watchers: readonly WatcherJson[], count: number): number[] {
  return watchers.slice(0, count).map(({ id }) => id);
}

Deno.test("audienceJson() tells each figure of a watcher by its own name and unit", () => {
  const clock = { now: 0 };
  using stage = scene({
    now: () => clock.now,
    backlogBytes: 8 * 1024 * 1024,
  });
  const publisher = stage.hub.publish(publishOptions());
  const { channel } = publisher;
  publisher.append(new Uint8Array(1000));
  const { cursor } = stage.hub.join(channel, { start: "oldest", burst: 0 });
  clock.now = 4000;
  publisher.append(new Uint8Array(600));
  cursor.next();
  cursor.advance(700);
  cursor.skips = 3;
  cursor.skippedBytes = 50_000;
  clock.now = 6000;
  const [watcher] = audienceJson(channel, { sort: "lag", limit: 1 });
  const { lag, lag_bytes, lost, skips, sent } = watcher!;
  assertEquals({ lag, lag_bytes, lost, skips, sent }, {
    ...{ lag: 6, lag_bytes: 900, lost: 50_000, skips: 3, sent: 700 },
  });
});
