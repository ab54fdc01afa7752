import { assertEquals, assertGreater } from "@std/assert";
import { SEGMENT_BYTES } from "../../lib/hub/segment_log.ts";
import { managedChannelJson } from "../../lib/web/managed_json.ts";
import { openChannel } from "../hub/scripted_media.ts";
import { HttpScene } from "../session/http_scene.ts";

interface Listed {
  readonly user: string;
  readonly channel: string;
  readonly [key: string]: unknown;
}

async function channels(scene: HttpScene): Promise<Listed[]> {
  const response = await scene.ask("/api/channels");
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  return (await response.json()).channels;
}

Deno.test("channelsJson() describes the server", async () => {
  await using scene = new HttpScene();
  const { server, channels } = await (await scene.ask("/api/channels")).json();
  assertEquals(server, { version: "1.2.3" });
  assertEquals(channels, []);
});

Deno.test("channelsJson() describes an open channel for players", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live("default", "", 10);
  broadcast.append(new Uint8Array(25));
  const watch = await scene.ask("/fier");
  const [{ since, bitrate, gap, ...described }] = await channels(scene) as [
    Listed,
  ];
  assertEquals(described, {
    user: "fier",
    channel: "default",
    protected: false,
    state: "live",
    container: "raw",
    mime: "application/octet-stream",
    codecs: [],
    video: false,
    width: null,
    height: null,
    bytes: 25,
    watchers: 1,
    keyframe_interval: described.keyframe_interval,
    linger: 0,
  });
  const age = Date.now() - Date.parse(String(since));
  assertGreater(5000, Math.abs(age));
  assertEquals([typeof bitrate, typeof gap], ["number", "number"]);
  broadcast.end("broken");
  assertEquals((await channels(scene))[0]?.state, "held");
  await watch.body?.cancel();
});

Deno.test("channelsJson() has nulls for what is not known yet", async () => {
  await using scene = new HttpScene();
  scene.live();
  const [described] = await channels(scene);
  assertEquals([described?.container, described?.mime, described?.codecs], [
    null,
    null,
    [],
  ]);
});

Deno.test("channelsJson() has nothing but the name of a protected channel", async () => {
  await using scene = new HttpScene();
  scene.live("secret", "456").append(new Uint8Array(1));
  const name = { user: "fier", channel: "secret", protected: true };
  assertEquals(await channels(scene), [name]);
});

Deno.test("channelsJson() keeps names as they are, whatever they contain", async () => {
  await using scene = new HttpScene();
  const names = ["</script><img src=x onerror=alert(1)>", '"\\', "a\u2028ä😀"];
  for (const name of names) scene.live(name);
  assertEquals((await channels(scene)).map(({ channel }) => channel), names);
});

Deno.test("managedChannelJson() tells each figure by its own name", () => {
  const { channel, media } = openChannel(2);
  for (let i = 0; i < 4; i++) channel.append(new Uint8Array(SEGMENT_BYTES));
  for (let i = 0; i < 3; i++) media.sink.corruption("x");
  channel.skips = 5;
  const isListed = (user: string, name: string): boolean =>
    user === "fier" && name === "default";
  const json = managedChannelJson(channel, isListed);
  const { id, listed, skips, corruptions, backlog, max_lag, bytes } = json;
  assertEquals(
    { id, listed, skips, corruptions, backlog, max_lag, bytes },
    {
      ...{ id: channel.broadcast.id, listed: true, skips: 5, corruptions: 3 },
      ...{ backlog: 2 * SEGMENT_BYTES, max_lag: SEGMENT_BYTES },
      bytes: 4 * SEGMENT_BYTES,
    },
  );
});
