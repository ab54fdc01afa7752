import "../helpers/fast_ticks.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { STATS_POST_MS, StatsPost } from "../../lib/server/stats_post.ts";
import { eventually } from "../helpers/eventually.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { WebHook } from "../helpers/web_hook.ts";
import { publishOptions, scene } from "../hub/hub_scene.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";

type Posted = Readonly<Record<string, unknown>>;

Deno.test("StatsPost posts every ten seconds while there are channels, and once after", () => {
  const clock = { now: 0 };
  const posted: (readonly [number, unknown])[] = [];
  using stage = scene({ channelsPerUser: 2000 });
  const post = new StatsPost({
    post: (event, { count }) => {
      assertEquals(event, "stats");
      posted.push([clock.now, count]);
    },
  }, { hub: stage.hub, isListed: () => true, now: () => clock.now });
  const pass = (seconds: number): void => {
    for (let i = 0; i < seconds * 4; i++) {
      clock.now += 250;
      post.tick();
    }
  };
  pass(35);
  assertEquals(posted, [], "nothing to tell");
  stage.hub.publish(publishOptions());
  pass(16);
  stage.hub.endChannel("fier", "default", "it is over");
  pass(60);
  assertEquals(posted, [[40_000, 1], [50_000, 1], [60_000, 0]]);
  assertEquals(STATS_POST_MS, 10_000);
});

Deno.test("StatsPost posts a thousand channels at most, the most watched first", () => {
  const clock = { now: 0 };
  let posted: Posted = {};
  using stage = scene({ channelsPerUser: 2000 });
  for (let i = 0; i < 1001; i++) {
    const { channel } = stage.hub.publish(publishOptions({ channel: `${i}` }));
    if (i === 1000) stage.hub.join(channel, { start: "join", burst: 0 });
  }
  const hook = { post: (_: string, fields: Posted) => posted = fields };
  const context = { hub: stage.hub, isListed: () => true };
  const post = new StatsPost(hook, { ...context, now: () => clock.now });
  clock.now = STATS_POST_MS;
  post.tick();
  const channels = posted.channels as { channel: string }[];
  assertEquals([posted.count, channels.length], [1001, 1000]);
  assertEquals(channels[0]?.channel, "1000");
});

Deno.test("startServer() posts statistics and watchers to event-url if events names them", async () => {
  await using hook = new WebHook(() => new Response(null, { status: 204 }));
  await using server = await startTestServer({
    config: {
      eventUrl: hook.url,
      events: ["stats", "watch-start", "watch-end"],
    },
  });
  using live = await broadcasting(server, broadcastText("fier"));
  using watcher = await watching(server, "watch,user=fier");
  await live.send(new Uint8Array(5000));
  await watcher.take(5000);
  const statsOf = (): Posted[] =>
    hook.posted.flatMap((each) =>
      each.event === "stats" ? each.channels as Posted[] : []
    ).filter(({ bytes, watchers }) => bytes === 5000 && watchers === 1);
  await eventually("statistics were posted", () => statsOf().length > 0);
  await live.finish();
  await watcher.rest();
  const told = (name: string): Posted | undefined =>
    hook.posted.find(({ event }) => event === name);
  await eventually(
    "the watcher's end was",
    () => told("watch-end") !== undefined,
  );
  const { user, watcher: id } = told("watch-start")!;
  assertEquals([user, id], ["fier", 1]);
  const stats = told("stats")!;
  assertMatch(String(stats.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assertEquals(statsOf()[0]?.skips, 0);
  assertEquals(told("watch-end")?.bytes, 5000);
});
