import { assertEquals, assertGreater } from "@std/assert";
import { HttpScene } from "./http_scene.ts";

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

Deno.test("channelsJson() tells of the server, and of its ports as they are asked for", async () => {
  using scene = new HttpScene();
  const { server, channels } = await (await scene.ask("/api/channels")).json();
  assertEquals(server, {
    version: "1.2.3",
    tcp_port: 61920,
    http_port: 61980,
  });
  assertEquals(channels, []);
  for (const [origin, port] of [["http://a", 80], ["https://a", 443]]) {
    const request = new Request(`${origin}/api/channels`);
    const answer = await scene.handler(request, { remote: "192.0.2.1:1" });
    assertEquals((await answer.json()).server.http_port, port);
  }
});

Deno.test("channelsJson() tells of an open channel what a player has to know", async () => {
  using scene = new HttpScene();
  const broadcast = scene.onAir("default", "", 10);
  broadcast.append(new Uint8Array(25));
  const watch = await scene.ask("/fier");
  const [{ since, bitrate, gap, ...told }] = await channels(scene) as [Listed];
  assertEquals(told, {
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
    keyframe_interval: told.keyframe_interval,
  });
  const age = Date.now() - Date.parse(String(since));
  assertGreater(5000, Math.abs(age));
  assertEquals([typeof bitrate, typeof gap], ["number", "number"]);
  broadcast.end("broken");
  assertEquals((await channels(scene))[0]?.state, "held");
  await watch.body?.cancel();
});

Deno.test("channelsJson() tells that nothing is known yet", async () => {
  using scene = new HttpScene();
  scene.onAir();
  const [told] = await channels(scene);
  assertEquals([told?.container, told?.mime, told?.codecs], [null, null, []]);
});

Deno.test("channelsJson() tells of a protected channel the name alone", async () => {
  using scene = new HttpScene();
  scene.onAir("secret", "456").append(new Uint8Array(1));
  const name = { user: "fier", channel: "secret", protected: true };
  assertEquals(await channels(scene), [name]);
});

Deno.test("channelsJson() keeps names as they are, whatever they look like", async () => {
  using scene = new HttpScene();
  const names = ["</script><img src=x onerror=alert(1)>", '"\\', "a\u2028ä😀"];
  for (const name of names) scene.onAir(name);
  assertEquals((await channels(scene)).map(({ channel }) => channel), names);
});
