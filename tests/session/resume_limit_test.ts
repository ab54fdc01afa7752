import { assertEquals } from "@std/assert";
import { requestBytes } from "../helpers/raw_peer.ts";
import { REMOTE, SessionScene } from "./session_scene.ts";

/** What a broadcaster is answered that gives a secret: the code of a refusal, or `ok`. */
async function answerTo(
  scene: SessionScene,
  channel: string,
  secret: string,
): Promise<string> {
  const text =
    `broadcast,user=fier,channel=${channel},reply=1,resume=${secret}`;
  using peer = await scene.connect(requestBytes(text));
  const header = await peer.take(5);
  const length = new DataView(header.buffer).getUint32(0);
  const status = new TextDecoder().decode(await peer.take(length));
  return /code=([\w-]+)/.exec(status)?.[1] ?? status;
}

/** Whether sign-ins from the scene's network are refused, right or wrong. */
function isRefused(scene: SessionScene): boolean {
  return scene.context.loginLimiter.failures.refused(REMOTE.host);
}

Deno.test("a wrong secret counts as a failed sign-in where a broadcast can be continued", async () => {
  await using scene = new SessionScene();
  scene.live();
  for (let guess = 0; guess < 10; guess++) {
    assertEquals(await answerTo(scene, "default", "00"), "denied");
  }
  assertEquals(isRefused(scene), true);
});

Deno.test("the right secret passes while its network is refused, which stays refused", async () => {
  await using scene = new SessionScene();
  const { secret } = scene.live().broadcast;
  for (let guess = 0; guess < 10; guess++) {
    assertEquals(await answerTo(scene, "default", "00"), "denied");
  }
  assertEquals(await answerTo(scene, "default", secret), "ok");
  assertEquals(await answerTo(scene, "default", "00"), "denied");
  assertEquals(isRefused(scene), true);
});

Deno.test("a secret does not count as a failed sign-in where nothing can be continued", async () => {
  await using scene = new SessionScene();
  const { secret } = scene.live().broadcast;
  for (let encoder = 0; encoder < 12; encoder++) {
    assertEquals(await answerTo(scene, `lost${encoder}`, "00"), "denied");
  }
  assertEquals(await answerTo(scene, "default", secret), "ok");
});
