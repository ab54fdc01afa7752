import { assertEquals, assertGreater, assertGreaterOrEqual } from "@std/assert";
import { concat } from "@std/bytes";
import { decodeLevels } from "../helpers/decode_levels.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import { LIVE_CONTAINERS, type LiveContainer } from "../helpers/live_media.ts";
import { encodeClip } from "../helpers/media_clip.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import { ResettingPeer } from "../helpers/resetting_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";

/**
 * Broadcasts a part and resets the connection, comes back with another stream, and gives all that one
 * watcher received meanwhile.
 */
async function watchAcross(
  server: TestServer,
  first: Uint8Array,
  second: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = broadcastText("fier");
  using broken = await ResettingPeer.connect(
    server.address,
    requestBytes(text),
  );
  await server.log.wait("broadcast-start");
  using watcher = await watching(server, "watch,user=fier");
  await broken.send(first);
  const before = await watcher.take(first.length); // so the server has all of it
  broken.reset();
  await server.log.wait("channel-hold");
  using back = await broadcasting(server, text, 2);
  await back.send(second);
  await back.finish();
  return concat([before, await watcher.rest()]);
}

function named(name: string): LiveContainer {
  return LIVE_CONTAINERS.find((container) => container.name === name)!;
}

for (const name of ["MPEG-TS", "WebM"]) {
  Deno.test({
    ...needsFfmpeg(
      `${name}: a watcher decodes on when its broadcaster is cut off and comes back`,
    ),
    fn: async () => {
      await using server = await startTestServer();
      const container = named(name);
      const [first, second] = await Promise.all([
        encodeClip(container, { seconds: 3 }),
        encodeClip(container, { seconds: 3, bright: true }),
      ]);
      const cut = Math.floor(first.length * 0.71);
      const bytes = await watchAcross(server, first.subarray(0, cut), second);
      const { bright } = await decodeLevels(container, bytes);
      const alone = (await decodeLevels(container, second)).bright.length;
      const after = bright.filter((picture) => picture).length;
      assertGreater(bright.length - after, 12); // more than one group of the first
      assertGreaterOrEqual(after, alone - 1);
      assertEquals(server.log.named("media-corrupt"), []);
    },
  });
}
