import {
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
} from "@std/assert";
import { IncompleteError } from "../../lib/client/incomplete_error.ts";
import { Reconnection } from "../../lib/client/reconnection.ts";
import { NEVER, serversAt } from "./resume_scene.ts";
import { ScriptedServer } from "./scripted_server.ts";

const BROKEN = new IncompleteError("broken", "The connection broke");

Deno.test("Reconnection.again() does not wait for one attempt beyond its limit", async () => {
  const reconnection = new Reconnection({
    ...{ limitMs: 200, signal: NEVER },
    backoff: { firstMs: 10, longestMs: 10 },
  });
  await using silent = new ScriptedServer(async (peer) => {
    await peer.text();
    await peer.closed();
  });
  const fields = { user: "fier", wait: 3600 }; // The answer may take an hour.
  const began = performance.now();
  const error = await assertRejects(
    () =>
      reconnection.again(
        BROKEN,
        (signal) => serversAt(silent.address).request("watch", fields, signal),
      ),
    IncompleteError,
  );
  assertEquals(error.reason, "broken");
  assertEquals(
    error.message.includes("no answer within"),
    true,
    error.message,
  );
  const ms = performance.now() - began;
  assertGreaterOrEqual(ms, 200);
  assertLess(ms, 5000);
});

Deno.test("Reconnection.again() shortens its last pause, so that it gives up in time", async () => {
  const reconnection = new Reconnection({
    ...{ limitMs: 100, signal: NEVER },
    backoff: { firstMs: 3_600_000, longestMs: 3_600_000 },
  });
  const attempt = (): Promise<never> =>
    Promise.reject(new Error("the attempt failed"));
  const error = await assertRejects(
    () => reconnection.again(BROKEN, attempt),
    IncompleteError,
  );
  assertEquals(error.message.includes("the attempt failed"), true);
});
