import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import type { HubOptions } from "../../lib/hub/hub.ts";
import {
  commandBytes,
  connectBytes,
  HELLO,
  messageBytes,
  openingBytes,
  statusesOf,
} from "../helpers/rtmp_client.ts";
import { SessionScene } from "./session_scene.ts";

const NAMES = { app: "fier", key: "hall?password=123" };

/** The codes of a refused publisher's statuses, and what it is told. */
async function refusal(
  scene: SessionScene,
  ...sent: readonly Uint8Array[]
): Promise<unknown[]> {
  using peer = await scene.connect(...sent);
  const bytes = await peer.rest();
  const status = statusesOf(bytes).at(-1)!;
  return ["level", "code", "description"].map((name) => status.get(name));
}

const HOW = "the stream key is CHANNEL?password=… or CHANNEL?token=…";

Deno.test("a publisher with a wrong key is told so in words that encoders show", async () => {
  await using scene = new SessionScene();
  for (const key of ["hall?password=wrong", "hall", "hall?token=wrong"]) {
    const names = { ...NAMES, key };
    assertEquals(await refusal(scene, openingBytes(names)), [
      ...["error", "NetStream.Publish.Denied", `access denied: ${HOW}`],
    ], key);
  }
  assertEquals(scene.asked.length, 3);
  assertEquals(scene.hub.channels(), []);
});

Deno.test("a publisher is told what is wrong with its address", async () => {
  await using scene = new SessionScene();
  const names = { app: "a/b", key: "c/d?password=123" };
  assertEquals(await refusal(scene, openingBytes(names)), [
    "error",
    "NetStream.Publish.BadName",
    "the address has too many names",
  ]);
  const { code, reason } = await scene.log.wait("refused");
  assertEquals([code, reason], [
    "bad-request",
    "the address has too many names",
  ]);
});

Deno.test("a publisher above a limit is told whose limit it is", async () => {
  await using scene = new SessionScene({
    hub: { channelsPerUser: 1 } as Partial<HubOptions>,
  });
  scene.live("yard");
  const [level, code, words] = await refusal(scene, openingBytes(NAMES));
  assertEquals([level, code], ["error", "NetStream.Publish.Rejected"]);
  assert(String(words).includes("operator can raise"), String(words));
});

Deno.test("a player is told that channels are not played over RTMP", async () => {
  await using scene = new SessionScene();
  const play = concat([
    HELLO,
    connectBytes(NAMES),
    commandBytes(0, "createStream", 2, null),
    commandBytes(1, "play", 3, null, "hall"),
  ]);
  assertEquals(await refusal(scene, play), [
    "error",
    "NetStream.Play.Failed",
    "channels are broadcast over RTMP, and watched over HTTP",
  ]);
});

Deno.test("a connection that connects twice is rejected", async () => {
  await using scene = new SessionScene();
  const connect = connectBytes(NAMES);
  assertEquals(await refusal(scene, HELLO, connect, connect), [
    ...["error", "NetConnection.Connect.Rejected", "connected twice"],
  ]);
});

/** What breaks the protocol before a broadcast, and what the log says. */
const BROKEN: readonly [name: string, bytes: Uint8Array, reason: string][] = [
  ["an end within the handshake", HELLO.slice(0, 100), "before the request"],
  ["an end within a message", openingBytes(NAMES).slice(0, -9), "before"],
  [
    "media before the broadcast",
    concat([
      HELLO,
      connectBytes(NAMES),
      messageBytes({ type: 9, payload: HELLO }),
    ]),
    "media before the broadcast began",
  ],
  [
    "a malformed command",
    concat([HELLO, messageBytes({ type: 20, payload: HELLO.slice(1) })]),
    "AMF",
  ],
  [
    "a command without a name",
    concat([HELLO, commandBytes(0, 1, 2)]),
    "a command has no name",
  ],
  [
    "a command before connect",
    concat([HELLO, commandBytes(1, "publish", 1, null, NAMES.key)]),
    "a command comes before connect",
  ],
  [
    "too many messages",
    concat([
      HELLO,
      connectBytes(NAMES),
      ...new Array(3000).fill(commandBytes(0, "x", 0)),
    ]),
    "too much before the broadcast",
  ],
  [
    "a chunk that refers to nothing",
    concat([HELLO, new Uint8Array([0xc3])]),
    "never came",
  ],
];

for (const [name, bytes, expected] of BROKEN) {
  Deno.test(`a publisher is closed after ${name}, and the log says so`, async () => {
    await using scene = new SessionScene();
    using peer = await scene.connect(bytes);
    await peer.finish();
    await peer.rest();
    const { code, reason, protocol } = await scene.log.wait("refused");
    assertEquals([code, protocol], ["bad-request", "rtmp"]);
    assert(String(reason).includes(expected), String(reason));
    assertEquals(scene.asked, []);
  });
}

Deno.test("a publisher that does not continue is cut in time", async () => {
  const begun = openingBytes(NAMES).slice(0, -9);
  for (const bytes of [HELLO.slice(0, 1), HELLO, begun]) {
    await using scene = new SessionScene({ limits: { requestMs: 50 } });
    using peer = await scene.connect(bytes);
    await peer.rest();
    const { reason } = await scene.log.wait("refused");
    assertEquals(reason, "the request took more than 0.05 s");
  }
});
