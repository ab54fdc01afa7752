import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { encodeFrame } from "../../lib/wire/frame.ts";
import { maskFrame } from "../helpers/mask_frame.ts";
import { REMOTE, SessionScene } from "./session_scene.ts";

/** What a watcher is answered that asks for a status frame. */
async function answerTo(scene: SessionScene, more = ""): Promise<string> {
  using peer = await scene.connect(
    encodeFrame(`watch,user=fier,reply=1${more}`),
  );
  const length = new DataView((await peer.take(5)).buffer).getUint32(0);
  const answer = new TextDecoder().decode(await peer.take(length));
  peer.close();
  return answer;
}

const DENIED = "error,code=denied,message=access denied";

Deno.test("join() needs the channel's password, and none where there is none", async () => {
  await using scene = new SessionScene({ hub: { watchersPerChannel: 9 } });
  scene.live("default", "s3cr3t");
  for (const more of ["", ",channel-password=wrong"]) {
    assertEquals(await answerTo(scene, more), DENIED);
  }
  assertEquals(await answerTo(scene, ",channel-password=s3cr3t"), "ok");
  scene.live("open");
  assertEquals(
    await answerTo(scene, ",channel=open,channel-password=any"),
    "ok",
  );
});

Deno.test("join() needs the new password once the channel's password changed", async () => {
  await using scene = new SessionScene({ hub: { watchersPerChannel: 9 } });
  scene.live("default", "old");
  scene.live("default", "new");
  assertEquals(await answerTo(scene, ",channel-password=old"), DENIED);
  assertEquals(await answerTo(scene, ",channel-password=new"), "ok");
});

Deno.test("join() refuses every channel password once a network has guessed too often", async () => {
  await using scene = new SessionScene({ hub: { watchersPerChannel: 9 } });
  scene.live("default", "s3cr3t");
  for (let guess = 0; guess < 10; guess++) {
    assertEquals(await answerTo(scene, `,channel-password=${guess}`), DENIED);
  }
  assertEquals(await answerTo(scene, ",channel-password=s3cr3t"), DENIED);
  const reasons = scene.log.named("refused").map(({ fields }) => fields.reason);
  assertEquals(
    reasons.some((reason) => String(reason).includes("s3cr3t")),
    false,
  );
});

Deno.test("join() asks with the same request over every protocol", async () => {
  await using scene = new SessionScene({ hub: { watchersPerChannel: 9 } });
  scene.live("cam", "s3cr3t");
  const encoder = new TextEncoder();
  const text =
    "watch,user=fier,channel=cam,user-password=123,channel-password=s3cr3t";
  const basic = `Authorization: Basic ${btoa("fier:s3cr3t")}\r\n`;
  const frames: readonly Uint8Array[] = [
    encodeFrame(text),
    encoder.encode("\n\n" + new TextDecoder().decode(encodeFrame(text))),
    encoder.encode(`GET /fier/cam HTTP/1.1\r\nHost: a\r\n${basic}\r\n`),
  ];
  for (const [index, bytes] of frames.entries()) {
    using peer = await scene.connect(bytes);
    await scene.log.wait("watch-start", index + 1);
    peer.close();
  }
  const shared = {
    verb: "watch",
    user: "fier",
    channel: "cam",
    remote: `${REMOTE.host}:${REMOTE.port}`,
    channelPassword: "s3cr3t",
  } as const;
  assertEquals(scene.asked, [
    { ...shared, protocol: "fstream1", password: "123" },
    { ...shared, protocol: "fstream2", password: "123" },
    { ...shared, protocol: "http", password: "s3cr3t" },
  ]);
  const logged = scene.log.named("watch-start").map(({ fields }) => fields);
  assertEquals(
    logged,
    scene.asked.map(({ protocol, remote }, index) => ({
      user: "fier",
      channel: "cam",
      protocol,
      remote,
      watcher: index + 1,
    })),
  );
});

Deno.test("Session logs refusals with the same fields over every protocol", async () => {
  await using scene = new SessionScene();
  const encoder = new TextEncoder();
  const basic = `Authorization: Basic ${btoa("fier:no")}\r\n`;
  const text = "broadcast,user=fier,channel=cam,user-password=no";
  const upgrade =
    "GET /fier/cam HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
  const request = '{"verb":"broadcast","user_password":"no"}';
  const requests: readonly [protocol: string, bytes: Uint8Array][] = [
    ["fstream1", encodeFrame(text)],
    ["fstream2", concat([new Uint8Array([10, 10]), encodeFrame(text)])],
    [
      "icecast",
      encoder.encode(`PUT /fier/cam HTTP/1.1\r\nHost: a\r\n${basic}\r\n`),
    ],
    [
      "http",
      encoder.encode(
        `POST /fier/cam HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n${basic}\r\nx`,
      ),
    ],
    ["websocket", concat([encoder.encode(upgrade), maskFrame(1, request)])],
  ];
  for (const [index, [protocol, bytes]] of requests.entries()) {
    using peer = await scene.connect(bytes);
    assertEquals(await scene.log.wait("refused", index + 1), {
      user: "fier",
      channel: "cam",
      protocol,
      remote: "192.0.2.1:5000",
      code: "denied",
      reason: "the password is wrong",
    });
    peer.close();
  }
  const token =
    `POST /api/token HTTP/1.1\r\nHost: a\r\n${basic}Content-Length: 0\r\n\r\n`;
  using _peer = await scene.connect(encoder.encode(token));
  const { user, protocol, code } = await scene.log.wait(
    "refused",
    requests.length + 1,
  );
  assertEquals([user, protocol, code], ["fier", "http", "denied"]);
});
