import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { FRAME_TYPE, framedHeader } from "../../lib/wire/framed.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";

const BROADCAST = `broadcast,user=fier,user_password=${PASSWORD}`;

/** Bytes whose values tell their place. */
function bytesAt(offset: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (offset + i) % 251);
}

interface Broadcasting extends Disposable {
  readonly peer: FramedPeer;
  readonly id: string;
  readonly secret: string;
}

async function broadcast(
  server: TestServer,
  more = ",bufsize=1000",
): Promise<Broadcasting> {
  const peer = await FramedPeer.connect(server.address, BROADCAST + more);
  const { word, values } = await peer.message();
  assertEquals(word, "ok");
  assertEquals(values.get("frames"), "1");
  assertEquals(values.get("received"), "0");
  const [id, secret] = [values.get("id")!, values.get("resume")!];
  return { peer, id, secret, [Symbol.dispose]: () => peer.close() };
}

async function watch(server: TestServer, more = ""): Promise<FramedPeer> {
  return await FramedPeer.connect(server.address, `watch,user=fier${more}`);
}

Deno.test("a framed watcher is told its position, the media and the end", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 2500));
  await live.peer.messageOf("received");
  using watcher = await watch(server);
  const { values } = await watcher.message();
  assertEquals(values.get("id"), live.id);
  const offset = Number(values.get("offset"));
  assertEquals(offset % 1000, 0);
  assertEquals(
    await watcher.take(2500 - offset),
    bytesAt(offset, 2500 - offset),
  );
  await live.peer.text("end");
  assertEquals((await watcher.messageOf("end")).get("reason"), "ended");
  assertEquals(await watcher.next(), undefined);
  assertEquals((await live.peer.messageOf("end")).get("reason"), "ended");
});

Deno.test("a framed broadcaster that sends fast does not wait a second for each acknowledgement", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  const began = performance.now();
  const step = 512 * 1024;
  for (let sent = step; sent <= 16 * step; sent += step) {
    await live.peer.media(bytesAt(0, step));
    for (let received = 0; received < sent;) {
      received = Number(
        (await live.peer.messageOf("received")).get("received"),
      );
    }
  }
  assertLess(performance.now() - began, 8000); // Sixteen reports a second apart take twice as long.
});

Deno.test("a framed watcher continues at the byte where it stopped", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 10_000));
  await live.peer.messageOf("received");
  using watcher = await watch(server, `,resume=${live.id}:3333`);
  const { values } = await watcher.message();
  assertEquals(values.get("offset"), "3333");
  assertEquals(await watcher.take(6667), bytesAt(3333, 6667));
});

Deno.test("a framed watcher whose bytes are gone is told what it lost", async () => {
  await using server = await startTestServer({
    config: { backlog: 512 * 1024 },
  });
  using live = await broadcast(server, ",bufsize=1000");
  const total = 1_000_000;
  await live.peer.media(bytesAt(0, total));
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
  assertEquals(await watcher.take(10), bytesAt(offset, 10));
});

Deno.test("a framed watcher of an unknown broadcast joins as usual, with the loss unknown", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 2500));
  await live.peer.messageOf("received");
  using watcher = await watch(server, ",resume=00ff:7");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  const jump = await watcher.messageOf("jump");
  assertEquals([jump.get("reason"), jump.has("lost")], ["join", false]);
  const offset = Number(jump.get("offset"));
  assertEquals(
    await watcher.take(2500 - offset),
    bytesAt(offset, 2500 - offset),
  );
});

Deno.test("a broadcast continues on another connection, and watchers see one stream", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 3000));
  await live.peer.messageOf("received");
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  assertEquals(await watcher.take(3000), bytesAt(0, 3000));
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
  await again.media(bytesAt(3000, 2000));
  assertEquals(await watcher.take(2000), bytesAt(3000, 2000));
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
  await live.peer.media(bytesAt(0, 3000));
  await live.peer.messageOf("received");
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using again = await FramedPeer.connect(server.address, text);
  assertEquals((await again.message()).values.get("received"), "3000");
  assertEquals((await live.peer.messageOf("end")).get("reason"), "resumed");
  using watcher = await watch(server, ",start=live");
  await watcher.message();
  await again.media(bytesAt(3000, 2000));
  assertEquals(await watcher.take(2000), bytesAt(3000, 2000));
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
  await live.peer.media(bytesAt(0, 5));
  await live.peer.text("end");
  await server.log.wait("channel-hold");
  const text = `broadcast,user=fier,resume=${live.secret}`;
  using peer = await FramedPeer.connect(server.address, text);
  assertEquals((await peer.message()).values.get("code"), "denied");
});

Deno.test("a framed watcher that crosses to a new broadcast is told so", async () => {
  await using server = await startTestServer();
  using first = await broadcast(server);
  await first.peer.media(bytesAt(0, 10));
  await first.peer.messageOf("received");
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  await watcher.take(10);
  using second = await broadcast(server);
  await second.peer.media(bytesAt(0, 10));
  const jump = await watcher.messageOf("jump");
  assertEquals([jump.get("id"), jump.get("offset"), jump.get("reason")], [
    second.id,
    "0",
    "takeover",
  ]);
  assertEquals(await watcher.take(10), bytesAt(0, 10));
});

Deno.test("framed peers are told to come back when the server shuts down", async () => {
  const server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 10));
  await live.peer.messageOf("received");
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

Deno.test("a framed broadcaster that sends no frames is cut, and its channel held", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.write(new Uint8Array([0xff, 0xff, 0xff, 0xff, 9]));
  await server.log.wait("channel-hold");
  const { reason } = await server.log.wait("broadcast-end");
  assert(String(reason).includes("unknown type"), String(reason));
  await assertRejects(() => live.peer.message());
});

Deno.test("a watcher of a restarted server continues in the broadcast that goes on from its own", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  // What the broadcaster sends again begins before what the watcher already has.
  using watcher = await watch(server, ",resume=00ff:70500");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  await live.peer.media(bytesAt(70_300, 1000));
  const jump = await watcher.messageOf("jump");
  assertEquals(Object.fromEntries(jump), {
    id: live.id,
    offset: "200",
    lost: "0",
    reason: "restart",
  });
  assertEquals(await watcher.take(800), bytesAt(70_500, 800));
});

Deno.test("records of a broadcast that goes on are counted from the first byte of the stream", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  await live.peer.media(bytesAt(70_300, 2000));
  await live.peer.messageOf("received");
  using watcher = await watch(server, ",start=oldest");
  const { values } = await watcher.message();
  assertEquals(values.get("offset"), "700");
  assertEquals(await watcher.take(1300), bytesAt(71_000, 1300));
});

Deno.test("a watcher of a broadcast that is unknown everywhere joins, with the loss unknown", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server, ",bufsize=1000,continues=00ff:70300");
  await live.peer.media(bytesAt(70_300, 2000));
  await live.peer.messageOf("received");
  using watcher = await watch(server, ",resume=00ff:70000");
  assertEquals((await watcher.message()).values.get("offset"), undefined);
  assertEquals((await watcher.messageOf("jump")).has("lost"), false);
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
  await live.peer.media(media.subarray(half));
  await live.peer.messageOf("received");
  using watcher = await watch(server, ",start=oldest");
  await watcher.message();
  const first = await watcher.next();
  assert(first && "type" in first && first.type === "lead");
  assertEquals(first.bytes.subarray(0, lead.length), lead);
  const [channel] = server.server.hub.channels();
  assertEquals(channel?.broadcast.info?.container, "webm");
});

Deno.test("a framed watcher is told that the broadcaster did not come back", async () => {
  await using server = await startTestServer({ config: { grace: 0.2 } });
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 1000));
  await live.peer.messageOf("received");
  using watcher = await watch(server);
  await watcher.message();
  await watcher.take(1000);
  live.peer.close();
  assertEquals((await watcher.messageOf("end")).get("reason"), "broken");
});

Deno.test("a framed watcher is told that the server ended the channel", async () => {
  await using server = await startTestServer();
  using live = await broadcast(server);
  await live.peer.media(bytesAt(0, 1000));
  await live.peer.messageOf("received");
  using watcher = await watch(server);
  await watcher.message();
  await watcher.take(1000);
  server.server.hub.endChannel("fier", "default", "a test ended it");
  assertEquals((await watcher.messageOf("end")).get("reason"), "revoked");
  assertEquals((await live.peer.messageOf("end")).get("reason"), "revoked");
});
