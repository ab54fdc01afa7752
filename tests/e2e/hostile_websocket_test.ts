/**
 * WebSocket peers that mean harm or are slow, each next to a healthy watcher that loses nothing.
 *
 * @module
 */

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { CLOSE, closeCodeOfStatus } from "../../lib/websocket/close_codes.ts";
import { OPCODE } from "../../lib/websocket/opcodes.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { webSocketHandshake } from "../helpers/auth_requests.ts";
import { maskFrame } from "../helpers/mask_frame.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { type ServerFrames, serverFrames } from "../helpers/server_frames.ts";
import { bytesOf } from "../helpers/wire_bytes.ts";
import { broadcastText } from "../session/live_channel.ts";
import { HostileScene } from "./hostile_scene.ts";

/** MiB that the server may hold here. */
const MEMORY_MIB = 64;

/** MiB by which the process may grow: its heap, and what comes between two looks. */
const GROWTH_MIB = 200;

/** Bytes of a fragment, and how many are sent: without a bound the process would hold 200 MB. */
const [FRAGMENT_BYTES, MOST_FRAGMENTS] = [64 * 1024, 3200];

/** Milliseconds after which a peer that is still connected fails its test. */
const GONE_MS = 30_000;

/** Seconds without progress after which a watcher is cut here. */
const STALL_S = 5;

/** Runs on Linux alone, whose /proc tells about memory. */
function hostile(name: string, fn: () => Promise<void>): void {
  const ignore = Deno.build.os !== "linux";
  Deno.test({ name: `serve withstands ${name}`, ignore, fn });
}

function startScene(): Promise<HostileScene> {
  return HostileScene.start(["--memory", `${MEMORY_MIB}M`]);
}

/** Broadcasts the channel that the WebSockets watch. */
async function broadcast(
  { address, serve }: HostileScene,
  more = "",
): Promise<RawPeer> {
  const request = requestBytes(broadcastText("fier", more));
  const peer = await RawPeer.connect(address, request);
  await serve.log.wait("broadcast-start", 1, { user: "fier" });
  return peer;
}

/** What opens a WebSocket that watches. */
const WATCH = bytesOf(
  webSocketHandshake("/fier"),
  maskFrame(OPCODE.text, JSON.stringify({ verb: "watch", start: "oldest" })),
);

/** Opens a WebSocket that watches. */
async function watch({ address, serve }: HostileScene): Promise<RawPeer> {
  const peer = await RawPeer.connect(address, WATCH);
  await serve.log.wait("watch-start", 1, { user: "fier" });
  return peer;
}

/** What a flood came to. */
interface Flooded extends ServerFrames {
  /** Fragments that were sent before the server closed. */
  readonly sent: number;
}

/** Sends the fragments of one endless message, until the server closes. */
async function flood(
  { address }: HostileScene,
  opening: Uint8Array,
  opcode: number,
  bytes: number,
): Promise<Flooded> {
  using peer = await AddressedPeer.connect(address);
  const heard = peer.rest(GONE_MS);
  await peer.send(opening);
  const payload = new Uint8Array(bytes).fill(0x61);
  const next = maskFrame(OPCODE.continuation, payload, { fin: false });
  await peer.send(maskFrame(opcode, payload, { fin: false }));
  let sent = 1;
  while (sent < MOST_FRAGMENTS && await peer.send(next)) sent++;
  peer.end();
  return { ...serverFrames((await heard).bytes), sent };
}

hostile("a text message without end", async () => {
  await using scene = await startScene();
  using _broadcaster = await broadcast(scene);
  const flooding = flood(scene, WATCH, OPCODE.text, FRAGMENT_BYTES);
  const { sent, close } = await scene.during(flooding);
  assertLess(sent, MOST_FRAGMENTS);
  assertEquals(close, CLOSE.messageTooBig);
  await scene.rid(1);
});

hostile("media without end before the request", async () => {
  await using scene = await startScene();
  const opening = bytesOf(webSocketHandshake("/fier"));
  const flooding = flood(scene, opening, OPCODE.binary, FRAGMENT_BYTES);
  const { sent, close } = await scene.during(flooding);
  assertLess(sent, MOST_FRAGMENTS);
  assertEquals(close, closeCodeOfStatus(400));
  await scene.rid();
});

hostile("fragments without data", async () => {
  await using scene = await startScene();
  using _broadcaster = await broadcast(scene);
  const flooding = flood(scene, WATCH, OPCODE.binary, 0);
  const { close } = await scene.during(flooding);
  assertEquals(close, CLOSE.policyViolation);
  await scene.rid(1);
});

hostile("a viewer that sends media without end", async () => {
  await using scene = await startScene();
  const before = scene.peakMiB;
  using broadcaster = await broadcast(scene);
  const flooding = flood(scene, WATCH, OPCODE.binary, FRAGMENT_BYTES);
  const { sent } = await scene.during(flooding);
  // It is dropped, and no other peer notices.
  assertEquals(sent, MOST_FRAGMENTS);
  assertLess(scene.peakMiB - before, GROWTH_MIB);
  await broadcaster.finish();
});

/** Bytes of the stream that is too fast for a slow viewer, how many at a time, and how often. */
const [FAST_BYTES, STEP_BYTES, STEP_MS] = [24_000_000, 100_000, 40];

/**
 * What the slow viewer reads: 480 KB/s with a stall limit of 5 s, which stands for 80 KB/s with the default of
 * 30 s. The system takes more bytes once a third of some 4 MB is free: every 3 s here, every 17 s there.
 */
const [SLOW_BYTES, SLOW_MS] = [24_000, 50];

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Broadcasts the pattern at 2.5 MB/s. */
async function stream(broadcaster: RawPeer, bytes: number): Promise<void> {
  for (let at = 0; at < bytes; at += STEP_BYTES) {
    await broadcaster.send(pattern(at, STEP_BYTES));
    await pause(STEP_MS);
  }
}

/** Reads slowly until something is over, then the rest at once; returns everything. */
async function readSlowly(
  viewer: RawPeer,
  until: Promise<unknown>,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let isOver = false;
  until.finally(() => isOver = true);
  while (!isOver) {
    parts.push(await viewer.take(SLOW_BYTES));
    await pause(SLOW_MS);
  }
  return concat([...parts, await viewer.rest(GONE_MS)]);
}

hostile(
  "a viewer that reads 80 KB/s of a faster stream: it skips and stays",
  async () => {
    const flags = ["--backlog", "512K", "--watcher-stall", `${STALL_S}s`];
    await using scene = await HostileScene.start(flags);
    using broadcaster = await broadcast(scene, `,bufsize=${STEP_BYTES}`);
    using viewer = await watch(scene);
    const sending = stream(broadcaster, FAST_BYTES);
    const ended = sending.then(() => broadcaster.finish());
    const { media, texts, close } = serverFrames(
      await scene.during(readSlowly(viewer, ended)),
    );
    const end = await scene.serve.log.wait("watch-end", 1, { user: "fier" });
    assertEquals(end.reason, "the channel ended");
    assertEquals(close, CLOSE.normal);
    assertGreater(Number(end.skips), 0);
    assertEquals(end.bytes, media.length);
    assertEquals(media.length + Number(end["skipped-bytes"]), FAST_BYTES);
    // It is told where decoding starts again, and gets the newest media.
    const starts = texts.filter((text) => text.includes('"type":"stream"'));
    assertEquals(starts.length, 1 + Number(end.skips));
    const last = pattern(FAST_BYTES - STEP_BYTES, STEP_BYTES);
    assert(equals(media.subarray(-STEP_BYTES), last));
  },
);

/** Bytes that are left when the channel ends, read at 80 KB in 200 ms. */
const END_BYTES = 2_000_000;

hostile("a viewer that reads the end slowly: it gets every byte", async () => {
  await using scene = await startScene();
  using broadcaster = await broadcast(scene);
  using viewer = await watch(scene);
  await broadcaster.send(pattern(0, END_BYTES));
  await broadcaster.finish();
  const { media, close } = serverFrames(
    await scene.during(readEnd(viewer)),
  );
  assertEquals(media.length, END_BYTES);
  assert(equals(media, pattern(0, END_BYTES)));
  assertEquals(close, CLOSE.normal);
});

/** Reads slowly to the end, and pings now and then as libraries do. */
async function readEnd(viewer: RawPeer): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  for (let left = END_BYTES; left > 0; left -= 80_000) {
    parts.push(await viewer.take(Math.min(left, 80_000)));
    await viewer.send(maskFrame(OPCODE.ping, "still here"));
    await pause(200);
  }
  return concat([...parts, await viewer.rest(GONE_MS)]);
}
