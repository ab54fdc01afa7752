import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { MESSAGE } from "../../lib/rtmp/message.ts";
import type { HubOptions } from "../../lib/hub/hub.ts";
import { MAX_MESSAGE_BYTES, WINDOW_BYTES } from "../../lib/rtmp/decoder.ts";
import { piecesOf } from "../helpers/chunkings.ts";
import { eventually } from "../helpers/eventually.ts";
import { slow } from "../helpers/fast.ts";
import { type RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import {
  codesOf,
  commandBytes,
  commandsOf,
  controlBytes,
  endingBytes,
  HELLO,
  messageBytes,
  messagesOf,
  openingBytes,
  repliesOf,
  statusesOf,
} from "../helpers/rtmp_client.ts";
import { SessionScene } from "./session_scene.ts";

const FLV = await Deno.readFile(
  new URL("../vectors/media/flv_h264_aac.flv", import.meta.url),
);
const NAMES = { app: "fier", key: "hall?password=123" };

/** The file as an encoder sends it: picture and sound in chunk streams of their own. */
function mediaBytes(flv = FLV): Uint8Array<ArrayBuffer> {
  return concat(
    messagesOf(flv).map((message) =>
      messageBytes(message, { id: message.type === MESSAGE.audio ? 4 : 6 })
    ),
  );
}

/** A watcher that waits for the channel. */
async function waiting(
  scene: SessionScene,
  channel = "hall",
): Promise<RawPeer> {
  const text = `watch,user=fier,channel=${channel},wait=60`;
  const peer = await scene.connect(requestBytes(text));
  await scene.log.wait("watch-wait");
  return peer;
}

const WHOLE = concat([
  openingBytes(NAMES),
  mediaBytes(),
  endingBytes("hall"),
]);

for (const size of [1, 2, 127, 4096, 1e9]) {
  const name = `a publisher's messages become FLV, in packets of ${size} bytes`;
  Deno.test(size === 1 ? slow(name) : { name }, async () => {
    await using scene = new SessionScene();
    using watcher = await waiting(scene);
    using peer = await scene.connect();
    for (const piece of piecesOf(WHOLE, size)) await peer.send(piece);
    assertEquals(await watcher.rest(), FLV);
    await peer.finish();
    const replies = await peer.rest();
    assertEquals(codesOf(replies), [
      "NetConnection.Connect.Success",
      "NetStream.Publish.Start",
      "NetStream.Publish.Start",
      "NetStream.Unpublish.Success",
    ]);
    const end = await scene.log.wait("broadcast-end");
    assertEquals(end.reason, "the broadcast ended");
    assertEquals([end.protocol, end.bytes], ["rtmp", FLV.length]);
    assertEquals([end.user, end.channel], ["fier", "hall"]);
  });
}

Deno.test("a publisher is answered as encoders expect it", async () => {
  await using scene = new SessionScene();
  using peer = await scene.connect(WHOLE);
  await peer.finish();
  const bytes = await peer.rest();
  const answers = commandsOf(bytes).map(({ name, transaction, values }) => [
    ...[name, transaction],
    ...values.filter((value) => typeof value === "number"),
  ]);
  assertEquals(answers, [
    ["_result", 1],
    ["_result", 2],
    ["_result", 3],
    ["onFCPublish", 0],
    ["_result", 4, 1],
    ["onStatus", 0],
    ["onStatus", 0],
  ]);
  const [window, bandwidth] = repliesOf(bytes);
  assertEquals([window!.type, bandwidth!.type], [5, 6]);
  const statuses = repliesOf(bytes).filter(({ streamId }) => streamId === 1);
  assertEquals(statuses.length, 2); // On the stream that was published.
});

Deno.test("a publisher signs in with a token, in any form of the address", async () => {
  await using scene = new SessionScene();
  using asking = await scene.connect(
    requestBytes("token,user=fier,user_password=123"),
  );
  const token = new TextDecoder().decode(await asking.rest());
  const names = { app: "live", key: `fier/hall?token=${token}` };
  using peer = await scene.connect(openingBytes(names));
  const { user, channel, protocol } = await scene.log.wait("broadcast-start");
  assertEquals([user, channel, protocol], ["fier", "hall", "rtmp"]);
  peer.close();
});

/** What ends a broadcast in order. */
const CLEAN: readonly [name: string, bytes: Uint8Array][] = [
  ["FCUnpublish", commandBytes(0, "FCUnpublish", 6, null, "hall")],
  ["deleteStream", commandBytes(0, "deleteStream", 6, null, 1)],
  ["closeStream", commandBytes(1, "closeStream", 6, null)],
  ["the end of the connection", new Uint8Array()],
];

for (const [name, bytes] of CLEAN) {
  Deno.test(`${name} ends a broadcast in order`, async () => {
    await using scene = new SessionScene();
    using watcher = await waiting(scene);
    using peer = await scene.connect(
      openingBytes(NAMES),
      mediaBytes(),
      bytes,
    );
    await peer.finish();
    assertEquals(await watcher.rest(), FLV);
    const { reason } = await scene.log.wait("channel-end");
    assertEquals(reason, "the broadcast ended");
  });
}

/** What breaks a broadcast, which holds its channel. */
const BREAKS: readonly [name: string, bytes: Uint8Array, reason: string][] = [
  [
    "the end of the connection within a message",
    mediaBytes().slice(0, -1),
    "the connection ended within a message",
  ],
  [
    "a malformed aggregate",
    messageBytes({ type: MESSAGE.aggregate, payload: HELLO.slice(0, 100) }),
    "an aggregate message is malformed",
  ],
  [
    "a chunk size of nothing",
    controlBytes(MESSAGE.chunkSize, 0),
    "the chunk size is not possible",
  ],
];

for (const [name, bytes, expected] of BREAKS) {
  Deno.test(`${name} breaks a broadcast, and the channel is held`, async () => {
    await using scene = new SessionScene();
    using peer = await scene.connect(openingBytes(NAMES), bytes);
    await peer.finish();
    const { reason } = await scene.log.wait("broadcast-end");
    assertEquals(reason, expected);
    assertEquals(scene.hub.channels().length, 1);
    assertEquals(scene.log.named("channel-end"), []);
  });
}

Deno.test("a publisher that comes back continues the channel that is held", async () => {
  await using scene = new SessionScene();
  using watcher = await waiting(scene);
  const begun = mediaBytes().slice(0, -1);
  using broken = await scene.connect(openingBytes(NAMES), begun);
  await broken.finish();
  await scene.log.wait("broadcast-end");
  using back = await scene.connect(WHOLE);
  await back.finish();
  const bytes = await watcher.rest();
  assert(bytes.length > FLV.length * 1.5, `only ${bytes.length} bytes`);
  assertEquals(scene.log.named("channel-end").length, 1);
});

Deno.test("a publisher whose channel is taken over is told so", async () => {
  await using scene = new SessionScene();
  using first = await scene.connect(openingBytes(NAMES));
  await scene.log.wait("broadcast-start");
  using second = await scene.connect(openingBytes(NAMES));
  await scene.log.wait("broadcast-start", 2);
  const status = statusesOf(await first.rest()).at(-1)!;
  assertEquals(status.get("code"), "NetStream.Failed");
  const { reason } = await scene.log.wait("broadcast-end");
  assertEquals(status.get("description"), reason);
  second.close();
});

Deno.test("a publisher's ping is answered, and a second broadcast is refused, while the first continues", async () => {
  await using scene = new SessionScene();
  const ping = new Uint8Array([0, 6, 1, 2, 3, 4]);
  using peer = await scene.connect(openingBytes(NAMES));
  await scene.log.wait("broadcast-start");
  await peer.send(messageBytes({ type: MESSAGE.userControl, payload: ping }));
  await peer.send(mediaBytes());
  await peer.send(commandBytes(1, "publish", 7, null, "yard", "live"));
  await peer.send(endingBytes("hall"));
  await peer.finish();
  const bytes = await peer.rest();
  const pong = repliesOf(bytes).find(({ type }) => type === 4);
  assertEquals([...pong!.payload], [0, 7, 1, 2, 3, 4]);
  assertEquals(codesOf(bytes).includes("NetStream.Publish.BadName"), true);
  const end = await scene.log.wait("broadcast-end");
  assertEquals([end.reason, end.bytes], ["the broadcast ended", FLV.length]);
});

Deno.test("a publisher is told after each window what has arrived", async () => {
  await using scene = new SessionScene();
  using peer = await scene.connect(openingBytes(NAMES));
  const payload = new Uint8Array(100_000).fill(0x27);
  let sent = openingBytes(NAMES).length;
  while (sent < WINDOW_BYTES + 200_000) {
    const message = messageBytes({ type: MESSAGE.video, payload });
    await peer.send(message);
    sent += message.length;
  }
  await peer.send(endingBytes("hall"));
  await peer.finish();
  const told = repliesOf(await peer.rest()).filter(({ type }) => type === 3);
  assertEquals(told.length, 1);
  const { buffer, byteOffset } = told[0]!.payload;
  const received = new DataView(buffer, byteOffset).getUint32(0);
  assert(received >= WINDOW_BYTES && received <= sent, `${received}`);
});

Deno.test("a publisher in the middle of a long message is not idle", async () => {
  await using scene = new SessionScene({
    limits: { broadcasterIdleMs: 1000 },
  });
  using peer = await scene.connect(openingBytes(NAMES));
  await scene.log.wait("broadcast-start");
  const message = messageBytes({
    type: MESSAGE.video,
    payload: new Uint8Array(2000),
  });
  for (const piece of piecesOf(message, 400)) {
    await peer.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  assertEquals(scene.log.named("broadcast-end"), []);
  const { reason } = await scene.log.wait("broadcast-end");
  assert(String(reason).startsWith("sent no byte"), String(reason));
});

Deno.test("messages in progress count as memory, and end the broadcast that has no room for them", async () => {
  const options = { memoryBytes: 8 * 1024 ** 2 } as Partial<HubOptions>;
  await using scene = new SessionScene({ hub: options });
  const before = scene.hub.memory.held.session;
  const message = messageBytes(
    { type: MESSAGE.video, payload: new Uint8Array(MAX_MESSAGE_BYTES) },
    { chunkBytes: 0xffffff },
  );
  const begun = [
    controlBytes(MESSAGE.chunkSize, 0xffffff),
    message.subarray(0, -1),
  ];
  using first = await scene.connect(openingBytes(NAMES), ...begun);
  const held = (): number => scene.hub.memory.held.session - before;
  await eventually("it is counted", () => held() > MAX_MESSAGE_BYTES);
  const other = { ...NAMES, key: "yard?password=123" };
  using second = await scene.connect(openingBytes(other), ...begun);
  const { channel, reason } = await scene.log.wait("broadcast-end");
  assertEquals(channel, "yard");
  assertStringIncludes(String(reason), "its messages in progress hold");
  await first.send(message.subarray(-1));
  await first.send(endingBytes("hall"));
  await first.finish();
  await scene.log.wait("broadcast-end", 2);
  await eventually("it is given back", () => held() < 1024 ** 2);
  second.close();
});
