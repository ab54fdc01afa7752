import "../helpers/fast_ticks.ts";
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
} from "@std/assert";
import { concat, equals } from "@std/bytes";
import { IncompleteError } from "../../lib/client/incomplete_error.ts";
import type { WatchSession } from "../../lib/client/watch_session.ts";
import type { Address } from "../../lib/net/address.ts";
import type { ByteReader } from "../../lib/net/byte_source.ts";
import { eventually } from "../helpers/eventually.ts";
import { FlakyProxy } from "../helpers/flaky_proxy.ts";
import { pattern } from "../helpers/pattern.ts";
import { startTestServer } from "../helpers/start_server.ts";
import {
  broadcastAll,
  FROM_OLDEST,
  Gathered,
  inputOf,
  serversAt,
  watchAll,
} from "./resume_scene.ts";

/** An input that waits for each piece. */
class StepInput implements ByteReader {
  readonly #pieces: Uint8Array[] = [];
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  /** Gives a piece. */
  give(piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#wake.resolve();
  }

  /** Ends behind the last piece. */
  end(): void {
    this.#hasEnded = true;
    this.#wake.resolve();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const [piece] = this.#pieces;
      if (piece) {
        const count = Math.min(piece.length, buffer.length);
        buffer.set(piece.subarray(0, count));
        this.#pieces.shift();
        if (count < piece.length) this.#pieces.unshift(piece.subarray(count));
        return count;
      }
      if (this.#hasEnded) return null;
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
    }
  }
}

Deno.test("a server restart costs a broadcast and its watcher nothing but the pause", async () => {
  await using first = await startTestServer();
  let address: Address = first.address;
  await using proxy = await FlakyProxy.start({ target: () => address });
  const input = new StepInput();
  const gathered = new Gathered();
  const [before, after] = [pattern(0, 300_000), pattern(300_000, 200_000)];
  const servers = (): ReturnType<typeof serversAt> => serversAt(proxy.address);
  const fields = { format: "raw" };
  const watching = watchAll({
    ...{ servers: servers(), sink: gathered.sink },
    fields: FROM_OLDEST,
  });
  const sending = broadcastAll({ servers: servers(), input, fields });
  input.give(before);
  await eventually("the first part is there", () => gathered.length >= 300_000);
  await first.server.close();
  await using second = await startTestServer();
  address = second.address;
  input.give(after);
  await eventually(
    "the second part is there",
    () => gathered.length >= 500_000,
  );
  input.end();
  assertGreaterOrEqual((await sending).reconnects, 1);
  assert(equals(gathered.bytes(), concat([before, after])));
  assertEquals((await watching).lost, 0);
});

Deno.test("a broadcast that is taken over ends, and says by what", async () => {
  await using server = await startTestServer();
  const servers = serversAt(server.address);
  const first = broadcastAll({ servers, input: new StepInput() });
  await server.log.wait("broadcast-start");
  const input = new StepInput();
  const second = broadcastAll({ servers, input });
  const error = await assertRejects(() => first, IncompleteError);
  assertEquals(error.reason, "taken-over");
  input.end();
  await second;
  assertEquals(server.log.named("broadcast-start").length, 2);
});

Deno.test("a frozen connection is replaced on both sides", async () => {
  await using server = await startTestServer();
  const target = (): Address => server.address;
  const frozen = (direction: "up" | "down") =>
    [{ kind: "freeze", direction, after: 40_000 }] as const;
  await using up = await FlakyProxy.start({ target, faults: frozen("up") });
  await using down = await FlakyProxy.start({ target, faults: frozen("down") });
  const bytes = pattern(0, 200_000);
  const gathered = new Gathered();
  const watching = watchAll({
    ...{ servers: serversAt(down.address), sink: gathered.sink },
    ...{ stallMs: 2000, fields: FROM_OLDEST },
  });
  await broadcastAll({
    ...{ servers: serversAt(up.address), stallMs: 1500 },
    input: inputOf(
      bytes,
      () =>
        eventually("all has arrived", () => gathered.length >= bytes.length),
    ),
  });
  assertEquals((await watching).lost, 0);
  assert(equals(gathered.bytes(), bytes));
  assertEquals([up.faults, down.faults], [1, 1]);
});

Deno.test("a stream arrives unchanged over connections that are slow and break", async () => {
  await using server = await startTestServer();
  const target = (): Address => server.address;
  const faults = [30_000, 20_000, 10_000, 1].map((after) => (
    { kind: "reset", direction: "down", after } as const
  ));
  await using slow = await FlakyProxy.start({ target, faults, delayMs: 20 });
  const bytes = pattern(0, 300_000);
  const gathered = new Gathered();
  const watching = watchAll({
    ...{ servers: serversAt(slow.address), sink: gathered.sink },
    fields: FROM_OLDEST,
  });
  await broadcastAll({
    servers: serversAt(server.address),
    input: inputOf(
      bytes,
      () =>
        eventually("all has arrived", () => gathered.length >= bytes.length),
    ),
  });
  assertEquals((await watching).lost, 0);
  assert(equals(gathered.bytes(), bytes));
});

Deno.test("a watcher that was away for longer than the backlog lasts states the loss it has", async () => {
  await using server = await startTestServer({
    config: { backlog: 512 * 1024 },
  });
  const gathered = new Gathered();
  let address: Address = server.address;
  await using proxy = await FlakyProxy.start({
    target: () => address,
    faults: [{ kind: "reset", direction: "down", after: 100_000 }],
  });
  let session: WatchSession;
  const watching = watchAll({
    ...{ servers: serversAt(proxy.address), sink: gathered.sink },
    fields: FROM_OLDEST,
  }, (made) => session = made);
  const input = new StepInput();
  const sending = broadcastAll({
    ...{ servers: serversAt(server.address), input },
    fields: { bufsize: 1000 },
  });
  const total = 4_000_000;
  input.give(pattern(0, 50_000));
  await eventually("the watcher follows", () => gathered.length === 50_000);
  address = { host: "127.0.0.1", port: 1 }; // No server listens there.
  input.give(pattern(50_000, total - 50_000));
  const { totals } = server.server.hub;
  await eventually("all is sent", () => totals.receivedBytes === total);
  address = server.address;
  await eventually(
    "the watcher is at the end",
    () => gathered.length + (session.lost ?? 0) === total,
  );
  input.end();
  await sending;
  const error = await assertRejects(() => watching, IncompleteError);
  assertEquals(error.reason, "lost");
  const got = gathered.bytes();
  const lost = session!.lost!;
  assert(lost > 0);
  const left = leaves(got);
  assert(equals(got.subarray(0, left), pattern(0, left)));
  assert(
    equals(got.subarray(left), pattern(left + lost, total - left - lost)),
  );
});

/** Bytes of the pattern's start that a stream begins with. */
function leaves(bytes: Uint8Array): number {
  const whole = pattern(0, bytes.length);
  const at = bytes.findIndex((byte, index) => byte !== whole[index]);
  return at < 0 ? bytes.length : at;
}
