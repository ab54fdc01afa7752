import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../lib/http/http_error.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { basic, HttpScene, inTime, MediaReader } from "./http_scene.ts";
import { assertOverrun } from "../helpers/overrun.ts";

/** Bytes that fill every buffer between the server and a client that does not read. */
const MORE_THAN_BUFFERS = 4 * 1024 * 1024;

/** Names that somebody might hope to have taken for something else. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "a/b",
  "../../etc/passwd",
  "a,channel=b",
  "%2F",
  "käse 😀",
  "?start=oldest",
  "#",
  '"}\\',
];

Deno.test("GET sends init-less media from the newest join point on, then live", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live("default", "", 1000);
  broadcast.append(pattern(0, 2500));
  const media = new MediaReader(await scene.ask("/fier"));
  assertEquals(await media.take(500), pattern(2000, 500));
  broadcast.append(pattern(2500, 700));
  assertEquals(await media.take(700), pattern(2500, 700));
  broadcast.end("clean");
  assertEquals(await media.rest(), new Uint8Array());
  const { bytes, reason, remote } = await scene.log.wait("watch-end");
  assertEquals([bytes, reason, remote], [
    1200,
    "the channel ended",
    "192.0.2.1:5000",
  ]);
  assertEquals(scene.watchers, 0);
});

Deno.test("GET begins where start says", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live("default", "", 1000);
  broadcast.append(pattern(0, 2500));
  const oldest = new MediaReader(await scene.ask("/fier?start=oldest"));
  assertEquals(await oldest.take(2500), pattern(0, 2500));
  await oldest.leave();
  broadcast.append(new Uint8Array(1)); // Only a write finds that the peer no longer reads.
  await eventually("the channel has no watcher", () => scene.watchers === 0);
});

Deno.test("GET goes back as far as burst says", async () => {
  const clock = { now: 0 };
  await using scene = new HttpScene({ hub: { now: () => clock.now } });
  const broadcast = scene.live("default", "", 1000);
  for (let i = 0; i < 5; i++) {
    clock.now = i * 1000;
    broadcast.append(pattern(i * 1000, 1000));
  }
  const media = new MediaReader(await scene.ask("/fier?burst=2.5"));
  assertEquals(await media.take(4000), pattern(1000, 4000));
  await media.leave();
});

Deno.test("GET answers Range: bytes=0- with the whole, as a stream without length", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(9));
  const headers = { range: "bytes=0-", "icy-metadata": "1" };
  const response = await scene.ask("/fier", { headers });
  assertEquals(response.status, 200);
  for (const name of ["accept-ranges", "content-length", "content-range"]) {
    assertEquals(response.headers.get(name), null);
  }
  await response.body?.cancel();
});

Deno.test("GET answers HEAD as GET, without a body and a watcher", async () => {
  await using scene = new HttpScene();
  scene.live().append(new Uint8Array(9));
  const head = await scene.ask("/fier", { method: "HEAD" });
  const get = await scene.ask("/fier");
  assertEquals([...head.headers], [...get.headers]);
  assertEquals(head.status, 200);
  assertEquals(head.body, null);
  assertEquals(scene.watchers, 1);
  await get.body?.cancel();
  assertEquals(scene.log.named("watch-start").length, 1);
});

Deno.test("GET takes the channel's password by Basic under any name, and by query", async () => {
  await using scene = new HttpScene({ hub: { watchersPerChannel: 9 } });
  scene.live("default", "4:5 6").append(new Uint8Array(1));
  const good: [string, HeadersInit][] = [
    ["/fier", basic("", "4:5 6")],
    ["/fier", basic("anybody", "4:5 6")],
    ["/fier?channel_password=4%3A5%206", {}],
    ["/fier?channel-password=4:5+6", {}],
  ];
  for (const [path, headers] of good) {
    const { status, body } = await scene.ask(path, { headers });
    assertEquals(status, 200, path);
    await body?.cancel();
  }
  const bad: [string, HeadersInit][] = [
    ["/fier", {}],
    ["/fier", basic("", "4")],
    ["/fier?channel_password=4", {}],
    ["/fier", { authorization: "Basic !!!" }],
    ["/fier", { authorization: "Basic bm9jb2xvbg==" }],
    ["/fier", { authorization: "Digest x=y" }],
    ["/fier", { authorization: "Bearer 4:5" }],
  ];
  for (const [path, headers] of bad) {
    const response = await scene.ask(path, { headers });
    assertEquals(response.status, 401, path);
    assertEquals(await response.text(), "access denied\n");
  }
});

Deno.test("GET finds channels of any name, and shows it nowhere", async () => {
  await using scene = new HttpScene();
  for (const [index, name] of HOSTILE.entries()) {
    scene.live(name).append(new Uint8Array([index]));
    const path = `/fier/${encodeURIComponent(name)}?start=oldest`;
    const response = await scene.ask(path);
    assertEquals(response.status, 200, name);
    const shown = JSON.stringify([...response.headers]);
    assert(!shown.includes("onerror"));
    const media = new MediaReader(response);
    assertEquals(await media.take(1), new Uint8Array([index]), name);
    await media.leave();
  }
});

Deno.test("GET says nothing of a name in what it answers to a wrong one", async () => {
  await using scene = new HttpScene();
  for (const name of HOSTILE) {
    const response = await scene.ask(`/fier/${encodeURIComponent(name)}`);
    assertEquals(response.status, 404);
    const type = response.headers.get("content-type");
    assertEquals(type, "text/plain; charset=utf-8");
    assertEquals(await response.text(), "the channel is not live\n");
  }
});

Deno.test("GET waits for a channel as long as wait says", async () => {
  await using scene = new HttpScene();
  const answer = scene.ask("/fier?wait=60");
  await scene.log.wait("watch-wait");
  const broadcast = scene.live();
  broadcast.append(new Uint8Array([1, 2, 3]));
  const media = new MediaReader(await inTime(answer));
  assertEquals(await media.take(3), new Uint8Array([1, 2, 3]));
  await media.leave();
  const late = await scene.ask("/fier/never?wait=0.05");
  assertEquals(late.status, 404);
  await late.body?.cancel();
});

Deno.test("GET tells what a channel carries once that is known", async () => {
  await using scene = new HttpScene();
  const broadcast = scene.live();
  const answer = scene.ask("/fier", { method: "HEAD" });
  const early = await Promise.race([answer, pause(50)]);
  assertEquals(early, undefined);
  broadcast.append(new Uint8Array(1));
  const { headers } = await inTime(answer, 500);
  assertEquals(headers.get("content-type"), "application/octet-stream");
});

Deno.test("GET cuts a watcher that takes nothing, and none that waits for media", async () => {
  const hub = { backlogBytes: 8 * 1024 * 1024 };
  await using scene = new HttpScene({ stallMs: 300, hub });
  const broadcast = scene.live();
  broadcast.append(new Uint8Array(MORE_THAN_BUFFERS));
  const stalled = await scene.ask("/fier?start=oldest");
  const waiting = new MediaReader(await scene.ask("/fier?start=oldest"));
  const all = waiting.rest(); // It reads all the time, and mostly there is nothing.
  const { reason } = await scene.log.wait("watch-end");
  assertOverrun(reason, "took no byte", 0.3);
  await assertRejects(() => new MediaReader(stalled).rest(), HttpError);
  assertEquals(scene.watchers, 1);
  broadcast.end("clean");
  assertEquals((await all).length, MORE_THAN_BUFFERS);
});

Deno.test("GET leaves no watcher behind when it is refused", async () => {
  await using scene = new HttpScene({ hub: { watchersPerChannel: 1 } });
  const broadcast = scene.live("default", "456");
  broadcast.append(new Uint8Array(1));
  for (const path of ["/fier/none", "/fier", "/fier?start=x"]) {
    await (await scene.ask(path)).body?.cancel();
  }
  const watch = await scene.ask("/fier?channel_password=456");
  assertEquals(watch.status, 200);
  const full = await scene.ask("/fier?channel_password=456");
  assertEquals(full.status, 503);
  assertEquals(await full.text(), "the channel has too many watchers\n");
  await watch.body?.cancel();
  broadcast.append(new Uint8Array(1));
  await eventually("the channel has no watcher", () => scene.watchers === 0);
  const again = await scene.ask("/fier?channel_password=456");
  assertEquals(again.status, 200);
  await again.body?.cancel();
});

Deno.test("GET leaves no watcher behind when what follows it is malformed", async () => {
  await using scene = new HttpScene({ hub: { watchersPerChannel: 1 } });
  scene.live().append(new Uint8Array(1));
  const get = "GET /fier HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
  for (const more of ["\x01", "!", "GET /fier HTTP/9\r\n\r\n"]) {
    using peer = await scene.connect(new TextEncoder().encode(get + more));
    const reply = new TextDecoder().decode(await peer.rest());
    assert(reply.startsWith("HTTP/1.1 400 "), reply);
    assertEquals(scene.watchers, 0);
  }
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
