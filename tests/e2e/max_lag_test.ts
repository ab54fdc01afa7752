import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";

/** Bytes that no system buffers for a peer that does not read, and that fit into the backlog twice. */
const FLOOD_BYTES = 16 * 1024 * 1024;

/** Bytes sent at a time. */
const STEP = 64 * 1024;

/** Milliseconds between two steps: the flood takes more than a second. */
const STEP_MS = 10;

Deno.test("a user's max_lag makes a watcher of that channel skip that lags longer", async () => {
  await using server = await startTestServer({
    folder: true,
    config: { backlog: 64 * 1024 * 1024 },
  });
  const own = "\n[channel hall]\nmax_lag=1s\n";
  await Deno.writeTextFile(`${server.users}/fier.ini`, own, { append: true });
  const skipped: number[] = [];
  for (const [index, channel] of ["hall", "yard"].entries()) {
    const text = broadcastText("fier", `,channel=${channel},bufsize=${STEP}`);
    using broadcaster = await broadcasting(server, text, index + 1);
    const watch = `watch,user=fier,channel=${channel}`;
    using late = await watching(server, watch, index + 1);
    for (let sent = 0; sent < FLOOD_BYTES; sent += STEP) {
      await broadcaster.send(pattern(sent, STEP));
      await new Promise((resolve) => setTimeout(resolve, STEP_MS));
    }
    await broadcaster.finish();
    const received = await late.rest();
    const { channel: name, "skipped-bytes": bytes = 0 } = await server.log.wait(
      "watch-end",
      index + 1,
    );
    assertEquals(name, channel);
    assertEquals(received.length + Number(bytes), FLOOD_BYTES);
    skipped.push(Number(bytes));
  }
  const [hall = 0, yard] = skipped;
  assertGreater(hall, STEP);
  assertLess(hall, FLOOD_BYTES);
  assertEquals(yard, 0, "the backlog alone decides");
});
