import { assert, assertEquals, assertLess } from "@std/assert";
import { concat, equals } from "@std/bytes";
import type { Address } from "../../lib/net/address.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Files the server may have open: enough to start, few enough to be used up at once. */
const FILES = 64;

/** Milliseconds within which a server that was asked to end has ended. */
const STOP_MS = 2000;

async function connected(
  serve: ServeProcess,
  event: string,
  count: number,
  text: string,
): Promise<RawPeer> {
  const peer = await RawPeer.connect(await serve.address(), requestBytes(text));
  await serve.log.wait(event, count);
  return peer;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name:
      `fstream serve ends in order on ${signal}: status 0, every byte delivered`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      await using serve = await ServeProcess.start();
      const start = broadcastText("fier");
      using broadcaster = await connected(serve, "broadcast-start", 1, start);
      using prompt = await connected(
        serve,
        "watch-start",
        1,
        "watch,user=fier",
      );
      using late = await connected(serve, "watch-start", 2, "watch,user=fier");
      const media = pattern(0, 1_000_000);
      const seen = prompt.take(media.length);
      await broadcaster.send(media);
      assert(equals(await seen, media)); // so the server has all of it
      const began = performance.now();
      const stopped = serve.stop(signal);
      assert(equals(await late.rest(), media));
      assertEquals(await prompt.rest(), new Uint8Array());
      for (const peer of [late, prompt]) peer.close();
      const { code } = await stopped;
      assertEquals(code, 0);
      assertLess(performance.now() - began, STOP_MS);
    },
  });
}

/** Connects until the server cannot accept any more. */
async function exhaust(
  serve: ServeProcess,
  address: Address,
): Promise<RawPeer[]> {
  const peers: RawPeer[] = [];
  for (let i = 0; i < FILES; i++) peers.push(await RawPeer.connect(address));
  const { reason } = await serve.log.wait("accept-error");
  assert(String(reason).includes("open files"), String(reason));
  return peers;
}

Deno.test({
  name: "fstream serve survives running out of file descriptors",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using serve = await ServeProcess.start([], FILES);
    const address = await serve.address();
    const start = broadcastText("fier");
    using broadcaster = await connected(serve, "broadcast-start", 1, start);
    using watcher = await connected(serve, "watch-start", 1, "watch,user=fier");
    const peers = await exhaust(serve, address);
    await broadcaster.send(pattern(0, 1000));
    const first = await watcher.take(1000);
    for (const peer of peers) peer.close();
    using late = await connected(serve, "watch-start", 2, "watch,user=fier");
    await broadcaster.send(pattern(1000, 1000));
    await broadcaster.finish();
    assertEquals(concat([first, await watcher.rest()]), pattern(0, 2000));
    assert((await late.rest()).length > 0);
  },
});
