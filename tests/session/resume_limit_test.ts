import { assertEquals } from "@std/assert";
import { prelude } from "../helpers/raw_peer.ts";
import { SessionScene } from "./session_scene.ts";

/** What a broadcaster is answered that gives a secret: the code of a refusal, or `ok`. */
async function answerTo(
  scene: SessionScene,
  channel: string,
  secret: string,
): Promise<string> {
  const text =
    `broadcast,user=fier,channel=${channel},reply=1,resume=${secret}`;
  using peer = await scene.connect(prelude(text));
  const header = await peer.take(5);
  const length = new DataView(header.buffer).getUint32(0);
  const answer = new TextDecoder().decode(await peer.take(length));
  return /code=([\w-]+)/.exec(answer)?.[1] ?? answer;
}

Deno.test("a wrong secret counts as a failed sign-in where a broadcast can be continued", async () => {
  await using scene = new SessionScene();
  const { secret } = scene.live().broadcast;
  for (let guess = 0; guess < 10; guess++) {
    assertEquals(await answerTo(scene, "default", "00"), "denied");
  }
  assertEquals(await answerTo(scene, "default", secret), "denied");
});

Deno.test("a secret does not count as a failed sign-in where nothing can be continued", async () => {
  await using scene = new SessionScene();
  const { secret } = scene.live().broadcast;
  for (let encoder = 0; encoder < 12; encoder++) {
    assertEquals(await answerTo(scene, `lost${encoder}`, "00"), "denied");
  }
  assertEquals(await answerTo(scene, "default", secret), "ok");
});
