import { assert, assertEquals, assertMatch } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { TimedMedia } from "../helpers/timed_media.ts";
import {
  HlsBroadcast,
  liveUri,
  load,
  segmentPaths,
  sentSegment,
} from "./hls_scene.ts";
import { basic, HttpScene, inTime } from "./http_scene.ts";

const MIME = "application/vnd.apple.mpegurl";

Deno.test("index.m3u8 leads to a playlist, whose segments are slices of the stream with their lead", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene).send(9);
  const response = await scene.ask("/fier/default/index.m3u8");
  assertEquals(response.headers.get("content-type"), MIME);
  assertEquals(response.headers.get("cache-control"), "no-store");
  await response.body?.cancel();
  const uri = await liveUri(scene);
  const { segments, targetSeconds, isOver } = await load(scene, uri);
  assertEquals([segments.length, targetSeconds, isOver], [3, 2, false]);
  for (const [index, { uri, seconds, date }] of segments.entries()) {
    const reply = await scene.ask(`/fier/default/${uri}`);
    assertEquals(reply.headers.get("content-type"), "audio/mpeg");
    assertEquals(await reply.bytes(), sentSegment(2 + 2 * index));
    assertEquals(seconds, 2);
    assert(Math.abs(date! - Date.now()) < 60_000);
  }
});

Deno.test("segments and playlists of an open channel may be kept by every cache", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene).send(5);
  const live = await scene.ask(await liveUri(scene));
  assertEquals(live.headers.get("cache-control"), "public, max-age=1");
  await live.body?.cancel();
  const [path = ""] = await segmentPaths(scene);
  assert(!path.includes("?"), path);
  const { headers, body } = await scene.ask(path);
  const kept = "public, max-age=86400, immutable";
  assertEquals(headers.get("cache-control"), kept);
  await body?.cancel();
});

Deno.test("fMP4 has its init segment as a resource of its own", async () => {
  await using scene = new HttpScene();
  const media = new TimedMedia("mp4", "video/mp4");
  media.init = new Uint8Array([1, 2, 3]);
  new HlsBroadcast(scene, {}, media).send(5);
  const { segments } = await load(scene, await liveUri(scene));
  const [first] = segments;
  assertMatch(first!.uri, /^[0-9a-f]{32}\/0-2000\.m4s$/);
  assertMatch(first!.map!, /^[0-9a-f]{32}\/init-0\.mp4$/);
  const map = await scene.ask(`/fier/default/${first!.map}`);
  assertEquals(map.headers.get("content-type"), "video/mp4");
  assertEquals(await map.bytes(), media.init);
  const bytes = await (await scene.ask(`/fier/default/${first!.uri}`)).bytes();
  assertEquals(bytes, pattern(0, 2000));
  const other = first!.map!.replace("init-0", "init-1");
  const missing = await scene.ask(`/fier/default/${other}`);
  assertEquals(missing.status, 404);
  await missing.body?.cancel();
});

Deno.test("a segment answers HEAD, Range and If-Range", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene).send(5);
  const [path = ""] = await segmentPaths(scene);
  const whole = sentSegment(0);
  const bytes = whole.length;
  const head = await scene.ask(path, { method: "HEAD" });
  assertEquals(head.headers.get("content-length"), `${bytes}`);
  assertEquals(head.headers.get("accept-ranges"), "bytes");
  // Inside the lead, across its end, behind it, and at the end.
  for (const [from, to] of [[0, 1], [0, 9], [5, 90], [100, 150], [0, bytes]]) {
    const headers = { range: `bytes=${from}-${to! - 1}` };
    const reply = await scene.ask(path, { headers });
    assertEquals(reply.status, 206);
    const range = `bytes ${from}-${to! - 1}/${bytes}`;
    assertEquals(reply.headers.get("content-range"), range);
    assertEquals(await reply.bytes(), whole.slice(from, to));
  }
  const last = await scene.ask(path, { headers: { range: "bytes=-7" } });
  assertEquals(await last.bytes(), whole.slice(-7));
  const behind = { headers: { range: `bytes=${bytes}-` } };
  const refused = await scene.ask(path, behind);
  assertEquals(refused.status, 416);
  await refused.body?.cancel();
  const ifRange = { range: "bytes=0-1", "if-range": '"x"' };
  const full = await scene.ask(path, { headers: ifRange });
  assertEquals([full.status, (await full.bytes()).length], [200, bytes]);
});

Deno.test("an address that never was is answered 404, one that is gone 410", async () => {
  await using scene = new HttpScene({ hub: { backlogBytes: 512 * 1024 } });
  const broadcast = new HlsBroadcast(scene).send(5);
  const [path = ""] = await segmentPaths(scene);
  const wrong = [
    ...[path.replace("-2000", "-1999"), path.replace("0-2000", "1-2000")],
    ...[
      path.replace(".mp3", ".ts"),
      path.replace(/[0-9a-f]{32}/, "0".repeat(32)),
    ],
    path.replace("/default/", "/other/"),
  ];
  for (const each of wrong) {
    const { status, body } = await scene.ask(each);
    assertEquals(status, 404, each);
    await body?.cancel();
  }
  for (const each of ["/fier/default/nonsense.m3u8", "/fier/default/x/1.ts"]) {
    const { status, body } = await scene.ask(each);
    assertEquals(status, 404, each);
    await body?.cancel();
  }
  broadcast.send(1000);
  const { status, body } = await scene.ask(path);
  assertEquals(status, 410);
  await body?.cancel();
});

Deno.test("a channel with a password asks for it once, and signs what follows", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene, { channelPassword: "456" }).send(5);
  const index = "/fier/default/index.m3u8";
  for (const query of ["", "?channel_password=4"]) {
    const { status, body } = await scene.ask(index + query);
    assertEquals(status, 401);
    await body?.cancel();
  }
  const byBasic = await scene.ask(index, { headers: basic("", "456") });
  assertEquals(byBasic.status, 200);
  await byBasic.body?.cancel();
  const uri = await liveUri(scene, "default", "?channel_password=456");
  const live = await scene.ask(uri);
  assertEquals(live.headers.get("cache-control"), "private, max-age=1");
  await live.body?.cancel();
  const [path = ""] = await segmentPaths(
    scene,
    "default",
    "?channel_password=456",
  );
  const reply = await scene.ask(path);
  const kept = "private, max-age=600, immutable";
  assertEquals(reply.headers.get("cache-control"), kept);
  assertEquals(await reply.bytes(), sentSegment(0));
  const unsigned = [
    [uri.split("?")[0]!, 401],
    [path.split("?")[0]!, 403],
    [`${uri}A`, 401],
    [`${path}A`, 403],
    [uri.replace(/expires=\d/, "expires=9"), 401],
    [path.replace(/expires=\d/, "expires=9"), 403],
    // A signature is for one address.
    [`${path.split("?")[0]}?${uri.split("?")[1]}`, 403],
  ] as const;
  for (const [each, expected] of unsigned) {
    const { status, body } = await scene.ask(each);
    assertEquals(status, expected, each);
    await body?.cancel();
  }
});

Deno.test("signatures expire, and end with the channel's password", async () => {
  await using scene = new HttpScene();
  const { urlSigner } = scene.context;
  new HlsBroadcast(scene, { channelPassword: "456" }).send(5);
  const uri = await liveUri(scene, "default", "?channel_password=456");
  const [path = ""] = await segmentPaths(
    scene,
    "default",
    "?channel_password=456",
  );
  const name = path.split("?")[0]!.slice("/fier/default/".length);
  const signed = async (what: string, expires: number): Promise<string> => {
    const covered = ["fier", "default", what, "456"];
    const query = await urlSigner.sign(covered, expires);
    return `/fier/default/${what}?${query}`;
  };
  const now = Math.floor(Date.now() / 1000);
  for (const [what, late] of [["live.m3u8", 401], [name, 403]] as const) {
    const good = await scene.ask(await signed(what, now + 5));
    const bad = await scene.ask(await signed(what, now - 1));
    assertEquals([good.status, bad.status], [200, late]);
    await good.body?.cancel();
    await bad.body?.cancel();
  }
  new HlsBroadcast(scene, { channelPassword: "789" }).send(5);
  const { status, body } = await scene.ask(uri);
  assertEquals(status, 401);
  await body?.cancel();
});

Deno.test("a watcher is authorized once, by the protocol hls", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene).send(5);
  const uri = await liveUri(scene);
  for (let i = 0; i < 3; i++) await load(scene, uri);
  await segmentPaths(scene);
  assertEquals(
    scene.asked.map(({ verb, user, channel, protocol }) =>
      `${verb} ${user} ${channel} ${protocol}`
    ),
    ["watch fier default hls", "watch fier default hls"],
  );
  assertEquals(scene.log.named("hls-open").length, 2);
});

Deno.test("an open playlist's address that is not signed is authorized like the first", async () => {
  await using scene = new HttpScene();
  new HlsBroadcast(scene).send(5);
  await load(scene, "/fier/default/live.m3u8");
  assertEquals(scene.asked.length, 1);
});

Deno.test("watchers of HLS count as watchers, and towards their limit", async () => {
  await using scene = new HttpScene({ hub: { watchersPerChannel: 2 } });
  const broadcast = new HlsBroadcast(scene).send(5);
  const { channel } = broadcast.publisher;
  const uri = await liveUri(scene);
  const [path = ""] = await segmentPaths(scene);
  const fetch = async (method = "GET", headers = {}): Promise<void> => {
    await (await scene.ask(path, { method, headers })).bytes();
  };
  await fetch();
  assertEquals(channel.watchers, 1);
  await fetch("HEAD");
  await fetch("GET", { range: "bytes=5-" });
  assertEquals(channel.watchers, 1);
  await fetch("GET", { range: "bytes=0-" });
  assertEquals(channel.watchers, 2);
  for (const refused of ["/fier/default/index.m3u8", "/fier"]) {
    const response = await scene.ask(refused);
    assertEquals(response.status, 503);
    assertEquals(await response.text(), "the channel has too many watchers\n");
  }
  await load(scene, uri); // Those who watch go on.
  broadcast.send(20);
  assertEquals(channel.watchers, 0);
  assertEquals(channel.audience.size, 0);
});

Deno.test("a playlist waits for its first segment, and for a channel that is not live if asked to", async () => {
  await using scene = new HttpScene();
  const absent = await scene.ask("/fier/default/index.m3u8");
  assertEquals(absent.status, 404);
  assertEquals(await absent.text(), "the channel is not live\n");
  const waiting = liveUri(scene, "default", "?wait=60");
  await scene.log.wait("watch-wait");
  const broadcast = new HlsBroadcast(scene);
  await new Promise((resolve) => setTimeout(resolve, 20));
  broadcast.send(1);
  const uri = await inTime(waiting);
  const loading = load(scene, uri);
  await new Promise((resolve) => setTimeout(resolve, 20));
  broadcast.send(2);
  assertEquals((await inTime(loading)).segments.length, 1);
});

Deno.test("what HLS cannot carry is answered 406, with a hint", async () => {
  await using scene = new HttpScene();
  const media = new TimedMedia("matroska", "video/x-matroska");
  new HlsBroadcast(scene, {}, media).send(5);
  for (const name of ["index.m3u8", "live.m3u8"]) {
    const response = await scene.ask(`/fier/default/${name}`);
    assertEquals(response.status, 406);
    const text = await response.text();
    assertMatch(text, /this channel is matroska; .*-c copy -f mpegts\n$/);
  }
});

Deno.test("a broadcast without a second key frame is answered 406 after a minute, until one comes", async () => {
  let now = 0;
  await using scene = new HttpScene({ hub: { now: () => now } });
  const broadcast = new HlsBroadcast(scene);
  broadcast.send(1);
  const uri = await liveUri(scene);
  now = 60_000;
  for (const path of ["/fier/default/index.m3u8", uri]) {
    const response = await scene.ask(path);
    assertEquals(response.status, 406);
    const text = await response.text();
    assertMatch(text, /no key frame for 60 s; HLS segments begin at key/);
  }
  broadcast.send(2);
  assertEquals((await load(scene, uri)).segments.length, 1);
  now = 300_000; // A playlist with segments stays, for those who watch it.
  assertEquals((await load(scene, uri)).segments.length, 1);
});

Deno.test("HLS obeys allow-origin, and its connections are kept alive", async () => {
  await using scene = new HttpScene({ allowOrigin: "https://a.example" });
  new HlsBroadcast(scene).send(5);
  const [path = ""] = await segmentPaths(scene);
  for (const each of [path, "/fier/default/index.m3u8", await liveUri(scene)]) {
    const { headers, body } = await scene.ask(each);
    const origin = headers.get("access-control-allow-origin");
    assertEquals(origin, "https://a.example");
    assertEquals(headers.get("vary"), "origin");
    assertEquals(headers.get("connection"), "keep-alive");
    await body?.cancel();
  }
});
