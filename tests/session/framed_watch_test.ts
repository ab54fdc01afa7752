import "../helpers/fast_ticks.ts";
import { assert, assertEquals } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { broadcast, watch } from "./framed_scene.ts";

Deno.test("a framed watcher is told its position, the media and the end", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 2500));
  using watcher = await watch(server);
  const { values } = await watcher.message();
  assertEquals(values.get("id"), live.id);
  const offset = Number(values.get("offset"));
  assertEquals(offset % 1000, 0);
  assertEquals(
    await watcher.take(2500 - offset),
    pattern(offset, 2500 - offset),
  );
  await live.peer.text("end");
  assertEquals((await watcher.messageOf("end")).get("reason"), "ended");
  assertEquals(await watcher.next(), undefined);
  assertEquals((await live.peer.messageOf("end")).get("reason"), "ended");
});

Deno.test("a framed watcher continues at the byte where it stopped", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 10_000));
  using watcher = await watch(server, `,resume=${live.id}:3333`);
  const { values } = await watcher.message();
  assertEquals(values.get("offset"), "3333");
  assertEquals(await watcher.take(6667), pattern(3333, 6667));
});

Deno.test("a framed watcher is told where live is, and how old what follows is", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 3000));
  await live.send(pattern(3000, 1000));
  using watcher = await watch(server, `,resume=${live.id}:2000`);
  const values = await watcher.messageOf("live");
  assertEquals(values.get("at"), `${live.id}:4000`);
  const age = Number(values.get("age"));
  assert(age >= 900 && age < 10_000, `${age} ms`); // It arrived before the first of two reports.
  assertEquals(await watcher.take(2000), pattern(2000, 2000));
});

Deno.test("a framed watcher whose bytes are gone is told what it lost", async () => {
  await using server = await startTestServer({
    config: { backlog: 512 * 1024 },
  });
  using live = await broadcast(server, ",bufsize=1000");
  const total = 1_000_000;
  await live.peer.media(pattern(0, total));
  await server.log.wait("broadcast-start");
  for (let received = 0; received < total;) {
    received = Number((await live.peer.messageOf("received")).get("received"));
  }
  using watcher = await watch(server, `,resume=${live.id}:5`);
  assertEquals((await watcher.message()).values.get("id"), undefined);
  const jump = await watcher.messageOf("jump");
  const offset = Number(jump.get("offset"));
  assertEquals(offset % 1000, 0);
  assertEquals(jump.get("lost"), String(offset - 5));
  assertEquals(await watcher.take(10), pattern(offset, 10));
});

Deno.test("a framed watcher of an unknown broadcast joins as usual, with the loss unknown", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 2500));
  using watcher = await watch(server, ",resume=00ff:7");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  const jump = await watcher.messageOf("jump");
  assertEquals([jump.get("reason"), jump.has("lost")], ["join", false]);
  const offset = Number(jump.get("offset"));
  assertEquals(
    await watcher.take(2500 - offset),
    pattern(offset, 2500 - offset),
  );
});

Deno.test("a framed watcher that crosses to a new broadcast is told so", async () => {
  await using server = await startTestServer();
  using first = await broadcast(server);
  await first.send(pattern(0, 10));
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  await watcher.take(10);
  using second = await broadcast(server);
  await second.peer.media(pattern(0, 10));
  const jump = await watcher.messageOf("jump");
  assertEquals([jump.get("id"), jump.get("offset"), jump.get("reason")], [
    second.id,
    "0",
    "takeover",
  ]);
  assertEquals(await watcher.take(10), pattern(0, 10));
});

Deno.test("framed peers are told to come back when the server shuts down", async () => {
  const server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 10));
  using watcher = await watch(server);
  await watcher.message();
  await watcher.take(10);
  const closing = server[Symbol.asyncDispose]();
  assertEquals((await watcher.messageOf("end")).get("reason"), "restart");
  assertEquals((await live.peer.messageOf("end")).get("reason"), "restart");
  live.peer.close();
  watcher.close();
  await closing;
});

Deno.test("a watcher of a restarted server continues in the broadcast that continues its own", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  // What the broadcaster sends again begins before what the watcher already has.
  using watcher = await watch(server, ",resume=00ff:70500");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  await live.peer.media(pattern(70_300, 1000));
  const jump = await watcher.messageOf("jump");
  assertEquals(Object.fromEntries(jump), {
    id: live.id,
    offset: "200",
    lost: "0",
    reason: "restart",
  });
  assertEquals(await watcher.take(800), pattern(70_500, 800));
});

/** A broadcast of which a watcher may have more than this server, because another one received it. */
const AHEAD = ",bufsize=1000,continues=00ff:70300";

Deno.test("a framed watcher that is ahead of a broadcast is told of the one that continues it", async () => {
  await using server = await startTestServer();
  using first = await broadcast(server, AHEAD);
  await first.send(pattern(0, 300));
  using watcher = await watch(server, `,resume=${first.id}:500`);
  assertEquals((await watcher.message()).values.get("offset"), "500");
  first.peer.close();
  const continues = `,bufsize=1000,continues=${first.id}:100`;
  using second = await broadcast(server, continues);
  await second.peer.media(pattern(100, 1000));
  assertEquals(Object.fromEntries(await watcher.messageOf("jump")), {
    ...{ id: second.id, offset: "400", lost: "0", reason: "takeover" },
  });
  assertEquals(await watcher.take(600), pattern(500, 600));
});

Deno.test("a framed watcher that comes back ahead of a broadcast continues in the one that continues it", async () => {
  await using server = await startTestServer();
  using first = await broadcast(server, AHEAD);
  await first.send(pattern(0, 300));
  using stays = await watch(server, `,resume=${first.id}:0`);
  await stays.message();
  first.peer.close();
  const continues = `,bufsize=1000,continues=${first.id}:100`;
  using second = await broadcast(server, continues);
  await second.send(pattern(100, 1000));
  using watcher = await watch(server, `,resume=${first.id}:500`);
  const jump = await watcher.messageOf("jump");
  assertEquals([jump.get("id"), jump.get("offset"), jump.get("lost")], [
    second.id,
    "400",
    "0",
  ]);
  assertEquals(await watcher.take(600), pattern(500, 600));
  // One that has less than this server continues there, and then at the same byte.
  assertEquals(await stays.take(300), pattern(0, 300));
  assertEquals((await stays.messageOf("jump")).get("offset"), "200");
  assertEquals(await stays.take(800), pattern(300, 800));
});

Deno.test("records of a broadcast that is continued are counted from the first byte of the stream", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  await live.send(pattern(70_300, 2000));
  using watcher = await watch(server, ",start=oldest");
  const { values } = await watcher.message();
  assertEquals(values.get("offset"), "700");
  assertEquals(await watcher.take(1300), pattern(71_000, 1300));
});

Deno.test("a watcher of a broadcast that is unknown everywhere joins, with the loss unknown", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  await live.send(pattern(70_300, 2000));
  using watcher = await watch(server, ",resume=00ff:70000");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  assertEquals((await watcher.messageOf("jump")).has("lost"), false);
});

Deno.test("a framed watcher is told that the broadcaster did not come back", async () => {
  await using server = await startTestServer({ config: { grace: 0.2 } });
  using live = await broadcast(server);
  await live.send(pattern(0, 1000));
  using watcher = await watch(server);
  await watcher.message();
  await watcher.take(1000);
  live.peer.close();
  assertEquals((await watcher.messageOf("end")).get("reason"), "broken");
});

Deno.test("a framed watcher is told that the server ended the channel", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 1000));
  using watcher = await watch(server);
  await watcher.message();
  await watcher.take(1000);
  server.server.hub.endChannel("fier", "default", "a test ended it");
  assertEquals((await watcher.messageOf("end")).get("reason"), "revoked");
  assertEquals((await live.peer.messageOf("end")).get("reason"), "revoked");
});

Deno.test("a framed watcher that comes back too late is told how its broadcast ended", async () => {
  await using server = await startTestServer({ config: { grace: 0.05 } });
  const broadcasts: string[] = [];
  for (const channel of ["clean", "cut"]) {
    using live = await broadcast(server, `,channel=${channel}`);
    await live.send(pattern(0, 1000));
    if (channel === "clean") await live.peer.text("end");
    else live.peer.close();
    await server.log.wait("channel-end", 1, { channel });
    broadcasts.push(live.id);
  }
  const [clean, cut] = broadcasts;
  const endOf = async (keys: string): Promise<string | undefined> => {
    using watcher = await watch(server, keys);
    const { word, values } = await watcher.message();
    if (word === "error") return values.get("code");
    assertEquals([word, values.get("offset")], ["ok", undefined]);
    const end = await watcher.messageOf("end");
    assertEquals(await watcher.next(), undefined);
    return end.get("reason");
  };
  // With `wait`, as clients that reconnect ask: the stream that they saw does not come again.
  const asked = `,wait=60,channel=clean,resume=${clean}`;
  assertEquals(await endOf(`${asked}:1000`), "ended");
  assertEquals(await endOf(`${asked}:999`), "lost");
  assertEquals(await endOf(`,channel=cut,resume=${cut}:1000`), "broken");
  assertEquals(await endOf(`,channel=cut,resume=${clean}:1000`), "not-live");
  assertEquals(await endOf(`,channel=clean,resume=00ff:1000`), "not-live");
});
