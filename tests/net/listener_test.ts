import { assertEquals } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { ListenerScene } from "./listener_scene.ts";

Deno.test("Listener serves a connection to its last byte, and closes it in order", async () => {
  await using scene = await ListenerScene.start();
  using peer = await scene.connect(pattern(0, 5000));
  assertEquals(await peer.take(5000), pattern(0, 5000));
  assertEquals(scene.listener.connections, 1);
  await peer.send(pattern(5000, 100_000));
  const came = peer.take(100_000);
  await peer.finish();
  assertEquals(await came, pattern(5000, 100_000));
  assertEquals(await peer.rest(), new Uint8Array());
});
