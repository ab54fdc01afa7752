import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { equals } from "@std/bytes";
import { eventually } from "../helpers/eventually.ts";
import { type Fault, FlakyProxy } from "../helpers/flaky_proxy.ts";
import { pattern } from "../helpers/pattern.ts";
import { seededRandom } from "../helpers/rng.ts";
import { startTestServer } from "../helpers/start_server.ts";
import {
  broadcastAll,
  Gathered,
  inputOf,
  serversAt,
  watchAll,
} from "./resume_scene.ts";

/** Faults after random numbers of bytes. The first connection gets far enough to be accepted. */
function randomFaults(
  direction: Fault["direction"],
  { count, most, seed }: { count: number; most: number; seed: number },
): Fault[] {
  const random = seededRandom(seed);
  const kinds = ["reset", "close", "reset", "half-close"] as const;
  return Array.from({ length: count }, (_, index) => ({
    kind: kinds[random(kinds.length)]!,
    direction,
    after: (index === 0 ? 2000 : 1) + random(most),
  }));
}

Deno.test("a stream arrives unchanged although both sides break at 200 random bytes", async () => {
  await using server = await startTestServer();
  const target = () => server.address;
  const faults = (direction: Fault["direction"]) =>
    randomFaults(direction, { count: 200, most: 30_000, seed: 7 });
  await using up = await FlakyProxy.start({ target, faults: faults("up") });
  await using down = await FlakyProxy.start({ target, faults: faults("down") });
  const bytes = pattern(0, 7_000_000);
  const gathered = new Gathered();
  const watching = watchAll({
    servers: serversAt(down.address),
    sink: gathered.sink,
  });
  const complete = () =>
    eventually("the watcher has all", () => gathered.length >= bytes.length);
  const broadcast = await broadcastAll({
    servers: serversAt(up.address),
    input: inputOf(bytes, complete),
  });
  const watch = await watching;
  assert(equals(gathered.bytes(), bytes));
  assertEquals([up.faults, down.faults], [200, 200]);
  assertEquals([watch.lost, watch.bytes], [0, bytes.length]);
  assertGreaterOrEqual(watch.reconnects, 100);
  assertGreaterOrEqual(broadcast.reconnects, 100);
});
