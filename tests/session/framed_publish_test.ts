import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { FRAME_TYPE, framedHeader } from "../../lib/wire/framed.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { broadcast, watch } from "./framed_scene.ts";

Deno.test("a framed broadcaster that sends fast does not wait a second for each acknowledgement", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  const began = performance.now();
  const step = 512 * 1024;
  for (let sent = step; sent <= 16 * step; sent += step) {
    await live.peer.media(pattern(0, step));
    for (let received = 0; received < sent;) {
      received = Number(
        (await live.peer.messageOf("received")).get("received"),
      );
    }
  }
  assertLess(performance.now() - began, 8000); // Sixteen reports a second apart take twice as long.
});

Deno.test("a broadcast continues on another connection, and watchers see one stream", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 3000));
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  assertEquals(await watcher.take(3000), pattern(0, 3000));
  live.peer.close();
  await server.log.wait("channel-hold");
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using again = await FramedPeer.connect(server.address, text);
  const { word, values } = await again.message();
  assertEquals([word, values.get("id"), values.get("received")], [
    "ok",
    live.id,
    "3000",
  ]);
  await again.media(pattern(3000, 2000));
  assertEquals(await watcher.take(2000), pattern(3000, 2000));
  await again.text("end");
  assertEquals((await watcher.messageOf("end")).get("reason"), "ended");
});

Deno.test("a channel is held after the clean end of a broadcast that was continued", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",hold=60");
  live.peer.close();
  await server.log.wait("channel-hold");
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using again = await FramedPeer.connect(server.address, text);
  await again.text("end");
  assertEquals((await server.log.wait("channel-hold", 2)).seconds, 60);
  assertEquals(server.log.named("channel-end"), []);
});

Deno.test("a broadcast continues although its old connection still seems to live", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.send(pattern(0, 3000));
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using again = await FramedPeer.connect(server.address, text);
  assertEquals((await again.message()).values.get("received"), "3000");
  assertEquals((await live.peer.messageOf("end")).get("reason"), "resumed");
  using watcher = await watch(server, ",start=live");
  await watcher.message();
  await again.media(pattern(3000, 2000));
  assertEquals(await watcher.take(2000), pattern(3000, 2000));
});

for (
  const [who, text] of [
    [
      "a guessed secret",
      "broadcast,user=fier,resume=00112233445566778899aabbccddeeff",
    ],
    ["another user's", "broadcast,user=other,resume=SECRET"],
  ] as const
) {
  Deno.test(`${who} does not continue a broadcast`, async () => {
    await using server = await startTestServer();
    using live = await broadcast(server);
    const request = text.replace("SECRET", live.secret);
    for (let tries = 0; tries < 10; tries++) {
      using peer = await FramedPeer.connect(server.address, request);
      const { word, values } = await peer.message();
      assertEquals([word, values.get("code")], ["error", "denied"]);
      if (tries >= 3) break; // From here on each try is delayed.
    }
    const { reason } = await server.log.wait("refused", 4);
    assertEquals(reason, "no such broadcast to resume");
  });
}

Deno.test("the secret of a broadcast that was taken over is refused", async () => {
  await using server = await startTestServer();
  using first = await broadcast(server);
  using _second = await broadcast(server);
  assertEquals((await first.peer.messageOf("end")).get("reason"), "taken-over");
  const text = `broadcast,user=fier,resume=${first.secret}`;
  using peer = await FramedPeer.connect(server.address, text);
  assertEquals((await peer.message()).values.get("code"), "denied");
});

Deno.test("the secret of a broadcast that was ended is refused, also while it is held", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",hold=60");
  await live.peer.media(pattern(0, 5));
  await live.peer.text("end");
  await server.log.wait("channel-hold");
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using peer = await FramedPeer.connect(server.address, text);
  assertEquals((await peer.message()).values.get("code"), "denied");
});

Deno.test("a framed broadcaster that sends no frames is cut, and its channel held", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.write(new Uint8Array([0xff, 0xff, 0xff, 0xff, 9]));
  await server.log.wait("channel-hold");
  const { reason } = await server.log.wait("broadcast-end");
  assert(String(reason).includes("unknown type"), String(reason));
  await assertRejects(() => live.peer.message());
});

Deno.test("a broadcaster keeps the init segment, and a restarted server lets watchers join with it", async () => {
  const file = new URL("../vectors/media/webm_vp9_live.webm", import.meta.url);
  const media = await Deno.readFile(file);
  const half = Math.floor(media.length / 2);
  const init: Uint8Array[] = [];
  {
    await using server = await startTestServer();
    using live = await broadcast(server, "");
    await live.peer.media(media.subarray(0, half));
    await live.peer.messageOf("init");
    for (let item = await live.peer.next(); item && "bytes" in item;) {
      init.push(item.bytes);
      item = await live.peer.next();
    }
  }
  await using server = await startTestServer();
  using live = await broadcast(server, `,continues=00ff:${half}`);
  const lead = concat(init);
  await live.peer.write(
    concat([framedHeader(FRAME_TYPE.lead, lead.length), lead]),
  );
  await live.send(media.subarray(half));
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  const first = await watcher.next();
  assert(first && "type" in first && first.type === "lead");
  assertEquals(first.bytes.subarray(0, lead.length), lead);
  const [channel] = server.server.hub.channels();
  assertEquals(channel?.broadcast.info?.container, "webm");
});
