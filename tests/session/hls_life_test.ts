import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { timestampTag } from "../../lib/hls/timestamp_tag.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { PlaylistHistory } from "../helpers/playlist_checker.ts";
import { TimedMedia } from "../helpers/timed_media.ts";
import {
  HlsBroadcast,
  liveUri,
  load,
  SECOND_BYTES,
  segmentPaths,
  sentSegment,
} from "./hls_scene.ts";
import { HttpScene, inTime } from "./http_scene.ts";

Deno.test("a takeover is a discontinuity, and the sequence continues", async () => {
  await using scene = new HttpScene();
  const history = new PlaylistHistory();
  const add = async (uri: string): Promise<ReturnType<typeof history.add>> =>
    history.add(await (await scene.ask(uri)).text());
  new HlsBroadcast(scene).send(7);
  const uri = await liveUri(scene);
  await add(uri);
  const next = new HlsBroadcast(scene).send(3);
  const { segments } = await add(uri);
  assertEquals(
    segments.map(({ seconds, isDiscontinuous }) => [seconds, isDiscontinuous]),
    [[2, false], [2, false], [1, false], [2, true]],
  );
  const bytes = await Promise.all(
    segments.slice(2).map(async ({ uri }) =>
      await (await scene.ask(`/fier/default/${uri}`)).bytes()
    ),
  );
  const tail = concat([timestampTag(6), pattern(6000, 1000)]);
  assertEquals(bytes, [tail, sentSegment(0)]);
  for (let i = 0; i < 100; i++) {
    next.send(1);
    await add(uri);
  }
});

Deno.test("a connection that breaks leaves the segment open, for the one that continues it", async () => {
  await using scene = new HttpScene();
  const broadcast = new HlsBroadcast(scene).send(5);
  const uri = await liveUri(scene);
  broadcast.publisher.end("broken");
  const held = await load(scene, uri);
  const { user, name } = broadcast.publisher.channel;
  const resumed = scene.hub.resume({
    ...{ user, channel: name },
    onRevoked: (): void => {},
  });
  assertEquals(await load(scene, uri), held);
  resumed.append(pattern(5000, SECOND_BYTES));
  broadcast.media.time++;
  resumed.append(pattern(6000, SECOND_BYTES));
  const { segments } = await load(scene, uri);
  assertEquals(segments.map(({ isDiscontinuous }) => isDiscontinuous), [
    ...[false, false, false],
  ]);
  const last = await scene.ask(`/fier/default/${segments[2]!.uri}`);
  assertEquals(await last.bytes(), sentSegment(4));
});

Deno.test("a channel that ended is listed to its end, for those who watched it", async () => {
  const clock = { now: 0 };
  await using scene = new HttpScene({ hub: { now: () => clock.now } });
  const broadcast = new HlsBroadcast(scene, { channelPassword: "4" }).send(5);
  const query = "?channel_password=4";
  const uri = await liveUri(scene, "default", query);
  const [path = ""] = await segmentPaths(scene, "default", query);
  await (await scene.ask(path)).bytes();
  broadcast.publisher.end("clean");
  const { isOver, segments } = await load(scene, uri);
  assertEquals([isOver, segments.length], [true, 3]);
  const last = await scene.ask(`/fier/default/${segments[2]!.uri}`);
  const tail = concat([timestampTag(4), pattern(4000, 1000)]);
  assertEquals(await last.bytes(), tail);
  const entry = await scene.ask(`/fier/default/index.m3u8${query}`);
  assertEquals(entry.status, 404);
  await entry.body?.cancel();
  clock.now = 59_999;
  scene.hub.tick();
  assertEquals((await load(scene, uri)).isOver, true);
  clock.now = 60_000;
  scene.hub.tick();
  const over = await scene.ask(uri);
  assertEquals(over.status, 404);
  await over.body?.cancel();
  assertEquals(scene.hub.memory.held.backlog, 0);
});

Deno.test("a channel that nobody watched by HLS is not kept", async () => {
  await using scene = new HttpScene();
  const broadcast = new HlsBroadcast(scene).send(5);
  const uri = await liveUri(scene);
  broadcast.publisher.end("clean");
  const { status, body } = await scene.ask(uri);
  assertEquals(status, 404);
  await body?.cancel();
  assertEquals(scene.hub.memory.held.backlog, 0);
});

Deno.test("a segment that is dropped while it is sent breaks the connection, and is not mistaken for whole", async () => {
  const hub = { backlogBytes: 512 * 1024, memoryBytes: 64 * 1024 ** 2 };
  await using scene = new HttpScene({ hub });
  const media = new TimedMedia();
  const { publisher } = new HlsBroadcast(scene, {}, media);
  const part = new Uint8Array(400 * 1024);
  publisher.append(part);
  media.time = 2;
  publisher.append(new Uint8Array(9));
  const [path = ""] = await segmentPaths(scene);
  const reply = await scene.ask(path);
  const reader = reply.body!.getReader();
  await reader.read();
  for (let i = 0; i < 20; i++) publisher.append(part);
  let failed = false;
  try {
    while (!(await inTime(reader.read())).done);
  } catch {
    failed = true;
  }
  assert(failed, "it seemed whole");
  await eventually(
    "the connection is closed",
    () => publisher.channel.audience.size === 0,
  );
});
