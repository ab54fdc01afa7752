import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { concat } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { eventually } from "../helpers/eventually.ts";
import { maskFragments, maskFrame } from "../helpers/mask_frame.ts";
import type { RawPeer } from "../helpers/raw_peer.ts";
import { readHead } from "../helpers/read_head.ts";
import { SessionScene } from "./session_scene.ts";

const [TEXT, BINARY, CLOSE, PING, PONG] = [1, 2, 8, 9, 10];

const HANDSHAKE = "GET /fier HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A frame of the server's. */
interface Frame {
  readonly opcode: number;
  readonly data: Uint8Array;
  readonly text: string;
}

/** Shakes hands by hand (RFC 6455 §4), and sends frames. */
async function open(
  scene: SessionScene,
  ...frames: readonly Uint8Array[]
): Promise<RawPeer> {
  const head = new TextEncoder().encode(HANDSHAKE);
  const peer = await scene.connect(concat([head, ...frames]));
  const reply = await readHead(peer);
  assert(reply.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), reply);
  assert(reply.includes("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  return peer;
}

/** The next frame. */
async function nextOfAll(peer: RawPeer): Promise<Frame> {
  const [first = 0, second = 0] = await peer.take(2);
  assertEquals(first & 0x80, 0x80, "the server does not fragment");
  assertEquals(second & 0x80, 0, "the server does not mask");
  const length = second < 126
    ? second
    : second === 126
    ? new DataView((await peer.take(2)).buffer).getUint16(0)
    : Number(new DataView((await peer.take(8)).buffer).getBigUint64(0));
  const data = await peer.take(length);
  return { opcode: first & 15, data, text: new TextDecoder().decode(data) };
}

/** The next frame but status messages. */
async function next(peer: RawPeer): Promise<Frame> {
  for (;;) {
    const frame = await nextOfAll(peer);
    if (!frame.text.includes('"type":"status"')) return frame;
  }
}

/** The next frame, which closes, and its code and reason. */
async function nextClose(peer: RawPeer): Promise<[number, string]> {
  const { opcode, data } = await next(peer);
  assertEquals(opcode, CLOSE);
  if (data.length === 0) return [1005, ""];
  const reason = new TextDecoder().decode(data.subarray(2));
  return [data[0]! * 256 + data[1]!, reason];
}

const WATCH = maskFrame(TEXT, '{"verb":"watch"}');

const WAIT = maskFrame(TEXT, '{"verb":"watch","wait":60}');

const BROADCAST = maskFrame(
  TEXT,
  '{"verb":"broadcast","user_password":"123"}',
);

const LEAVE = maskFrame(CLOSE, new Uint8Array([0x0b, 0xb9]));

/** Opens a WebSocket that watches, past what describes the stream. */
async function watching(scene: SessionScene): Promise<RawPeer> {
  const peer = await open(scene, WATCH);
  assertEquals((await next(peer)).text, '{"type":"ok"}');
  assert((await next(peer)).text.includes('"type":"stream"'));
  return peer;
}

Deno.test("WebSocket: a ping is answered before the request, while waiting, while watching and broadcasting", async () => {
  await using scene = new SessionScene();
  const ping = maskFrame(PING, "marco");
  const phases = { none: [], waiting: [WAIT], broadcasting: [BROADCAST] };
  for (const [phase, frames] of Object.entries(phases)) {
    using peer = await open(scene, ...frames);
    if (phase === "waiting") await scene.log.wait("watch-wait");
    if (phase === "broadcasting") {
      assertEquals((await next(peer)).text, '{"type":"ok"}');
    }
    await peer.send(ping);
    const { opcode, text } = await next(peer);
    assertEquals([opcode, text], [PONG, "marco"], phase);
  }
  scene.live("default").append(new Uint8Array(1));
  using peer = await watching(scene);
  await peer.send(ping);
  let frame = await next(peer);
  while (frame.opcode === BINARY) frame = await next(peer);
  assertEquals([frame.opcode, frame.text], [PONG, "marco"]);
});

Deno.test("WebSocket: a status comes with media, for all at once, and alone while there is none", async () => {
  await using scene = new SessionScene();
  const live = scene.live("default");
  live.append(new Uint8Array(1));
  using one = await watching(scene);
  using other = await watching(scene);
  for (const peer of [one, other]) {
    const status = await nextOfAll(peer);
    assertMatch(
      status.text,
      /^{"type":"status","watchers":[12],"age":[\d.]+}$/,
    );
    assertEquals((await nextOfAll(peer)).opcode, BINARY);
    for (let alone = 0; alone < 3; alone++) {
      assert((await nextOfAll(peer)).text.includes('"watchers":2,'));
    }
  }
});

Deno.test("WebSocket: a close is answered with its own code, while waiting and while watching", async () => {
  await using scene = new SessionScene();
  using waiting = await open(scene, WAIT);
  await scene.log.wait("watch-wait");
  await waiting.send(LEAVE);
  assertEquals(await nextClose(waiting), [3001, ""]);
  await waiting.finish();
  assertEquals(await waiting.rest(), new Uint8Array());
  await scene.log.wait("refused");
  scene.live("default").append(new Uint8Array(1));
  for (
    const [frame, code] of [[LEAVE, 3001], [maskFrame(CLOSE), 1005]] as const
  ) {
    using peer = await watching(scene);
    await next(peer);
    await peer.send(frame);
    assertEquals(await nextClose(peer), [code, ""]);
    await peer.finish();
    assertEquals(await peer.rest(), new Uint8Array());
  }
  const reasons = scene.log.named("watch-end").map(({ fields }) =>
    fields.reason
  );
  assertEquals(reasons, ["the watcher left", "the watcher left"]);
});

/** Frames that break RFC 6455, and the code with which they are answered. */
const VIOLATIONS: readonly [name: string, frame: Uint8Array, code: number][] = [
  ["a reserved bit", maskFrame(BINARY, "x", { rsv: 4 }), 1002],
  ["an unknown opcode", maskFrame(3, "x"), 1002],
  ["a frame without a mask", new Uint8Array([0x82, 1, 0]), 1002],
  ["a fragmented ping", maskFrame(PING, "x", { fin: false }), 1002],
  ["a continuation of nothing", maskFrame(0, "x"), 1002],
  ["text that is not UTF-8", maskFrame(TEXT, new Uint8Array([0xff])), 1007],
  ["a text above the cap", maskFrame(TEXT, "x".repeat(4097)), 1009],
  [
    "an endless text in fragments",
    concat(maskFragments(TEXT, pattern(0, 5000).fill(0x61), 100)),
    1009,
  ],
  [
    "a close with a forbidden code",
    maskFrame(CLOSE, new Uint8Array([3, 0xed])),
    1002,
  ],
];

for (const [name, frame, code] of VIOLATIONS) {
  Deno.test(`WebSocket: ${name} is closed with ${code}, in each phase`, async () => {
    await using scene = new SessionScene();
    scene.live("default").append(new Uint8Array(1));
    using early = await open(scene, frame);
    assertEquals((await nextClose(early))[0], code);
    using viewer = await watching(scene);
    await next(viewer);
    await viewer.send(frame);
    assertEquals((await nextClose(viewer))[0], code);
    using broadcaster = await open(scene, BROADCAST);
    assertEquals((await next(broadcaster)).text, '{"type":"ok"}');
    await broadcaster.send(frame);
    assertEquals((await nextClose(broadcaster))[0], code);
    await scene.log.wait("channel-hold");
  });
}

Deno.test("WebSocket: a broadcaster that breaks the protocol is cut, and its channel held", async () => {
  await using scene = new SessionScene();
  using peer = await open(scene, BROADCAST, maskFrame(BINARY, "media"));
  assertEquals((await next(peer)).text, '{"type":"ok"}');
  await peer.send(maskFrame(3, "x"));
  const { bytes } = await scene.log.wait("broadcast-end");
  assertEquals(bytes, 5);
  await scene.log.wait("channel-hold");
});

Deno.test("WebSocket: media in endless fragments flows through, with pings between them", async () => {
  await using scene = new SessionScene();
  using peer = await open(scene, BROADCAST);
  assertEquals((await next(peer)).text, '{"type":"ok"}');
  const media = pattern(0, 100_000);
  const [first, ...rest] = maskFragments(BINARY, media, 1000).slice(0, -1);
  await peer.send(first!);
  for (const fragment of rest) {
    await peer.send(maskFrame(PING, "p"));
    assertEquals((await next(peer)).opcode, PONG);
    await peer.send(fragment);
  }
  await eventually(
    "all of it was received",
    () => scene.hub.totals.receivedBytes === 99_000,
  );
  assertEquals(scene.log.named("broadcast-end"), []);
});

/** Waits for the ticker's next tick. */
async function ticked({ context: { ticker } }: SessionScene): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const member = { tick: resolve };
  ticker.add(member);
  await promise;
  ticker.delete(member);
}

Deno.test("WebSocket: a viewer that answers pings stays, one that does not is cut", async () => {
  await using scene = new SessionScene();
  scene.live("default").append(new Uint8Array(1));
  using alive = await watching(scene);
  using dead = await watching(scene);
  for (const peer of [alive, dead]) await next(peer);
  await ticked(scene); // It notices the media that was taken.
  for (let round = 0; round < 3; round++) {
    scene.context.ticker.now += 16_000;
    const { opcode, data } = await next(alive);
    assertEquals(opcode, PING);
    await alive.send(maskFrame(PONG, data));
    // Its pong counts from the tick behind it.
    await alive.send(maskFrame(PING, "there?"));
    assertEquals((await next(alive)).opcode, PONG);
  }
  const { reason } = await scene.log.wait("watch-end");
  assertEquals(reason, "the watcher does not answer pings");
  assertEquals(scene.log.named("watch-end").length, 1);
  assertEquals(scene.watchers, 1);
});

Deno.test("WebSocket: a viewer that takes media is never cut, however late its pongs are", async () => {
  await using scene = new SessionScene();
  const broadcast = scene.live("default");
  broadcast.append(new Uint8Array(1));
  using peer = await watching(scene);
  await next(peer);
  for (let round = 0; round < 4; round++) {
    scene.context.ticker.now += 30_000;
    broadcast.append(new Uint8Array([round]));
    let frame = await next(peer);
    while (frame.opcode !== BINARY) frame = await next(peer);
    assertEquals(frame.data, new Uint8Array([round]));
    await ticked(scene); // It notices the media that was taken.
  }
  assertEquals(scene.log.named("watch-end"), []);
});
