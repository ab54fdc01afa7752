import { assertEquals, assertGreater } from "@std/assert";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Milliseconds that the server is stopped: three times what its peers are allowed. */
const PAUSE_MS = 3000;

/** Bytes sent at a time. */
const STEP = 64 * 1024;

/** Bytes that a watcher who does not read is sent: more than the system buffers for it. */
const FLOOD_STEPS = 256;

/** Milliseconds. */
async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test({
  name: "serve cuts no peer for a time in which it was stopped itself",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const flags = ["--watcher-stall", "1s", "--broadcaster-idle", "1s"];
    await using server = await ServeProcess.start(flags);
    const address = await server.address();
    const broadcast = requestBytes(broadcastText("fier", `,bufsize=${STEP}`));
    using broadcaster = await RawPeer.connect(address, broadcast);
    await server.log.wait("broadcast-start");
    const request = requestBytes("watch,user=fier");
    using healthy = await RawPeer.connect(address, request);
    using full = await RawPeer.connect(address, request);
    await server.log.wait("watch-start", 2);
    // One watcher's buffers are full when the server stops, so that a write to it is in progress.
    for (let step = 0; step < FLOOD_STEPS; step++) {
      await broadcaster.send(pattern(step * STEP, STEP));
      await healthy.take(STEP);
    }
    Deno.kill(server.pid, "SIGSTOP");
    await pause(PAUSE_MS);
    Deno.kill(server.pid, "SIGCONT");
    // Both peers come a moment after the server has looked at its clock again.
    await pause(300);
    assertEquals(server.log.named("watch-end"), []);
    assertEquals(server.log.named("broadcast-end"), []);
    const last = pattern(FLOOD_STEPS * STEP, STEP);
    await broadcaster.send(last);
    assertEquals(await healthy.take(STEP), last);
    await broadcaster.finish();
    assertGreater((await full.rest()).length, 1024 * 1024);
    await server.log.wait("watch-end", 2);
    const reasons = server.log.named("watch-end").map(({ fields }) =>
      fields.reason
    );
    assertEquals(reasons, ["the channel ended", "the channel ended"]);
  },
});
