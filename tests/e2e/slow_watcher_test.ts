import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes";
import { pattern, sha256 } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";
import { assertOverrun } from "../helpers/overrun.ts";

/** Bytes that are kept of a channel here: the least that can be set. */
const BACKLOG = 512 * 1024;

/** Bytes sent at a time. */
const STEP = 256 * 1024;

/** Bytes that exceed the backlog and all that the system buffers for a peer that does not read. */
const FLOOD_BYTES = 16 * 1024 * 1024;

/** Watchers that keep up. */
const HEALTHY = 3;

/** Steps after which the flood is given up on: half a gibibyte. */
const MOST_STEPS = 2048;

/** A channel whose source is as quick as its healthy watchers are, as a live source is slower. */
class PacedChannel implements Disposable {
  readonly #broadcaster: RawPeer;
  readonly #healthy: readonly RawPeer[];
  readonly #received: Uint8Array[][];
  readonly #sent: Uint8Array[] = [];

  constructor(broadcaster: RawPeer, healthy: readonly RawPeer[]) {
    this.#broadcaster = broadcaster;
    this.#healthy = healthy;
    this.#received = healthy.map(() => []);
  }

  /** Opens it, with `others` watchers there already. */
  static async open(
    server: TestServer,
    broadcaster: RawPeer,
    others: number,
  ): Promise<PacedChannel> {
    const healthy: RawPeer[] = [];
    for (let i = 1; i <= HEALTHY; i++) {
      healthy.push(await watching(server, "watch,user=fier", others + i));
    }
    return new PacedChannel(broadcaster, healthy);
  }

  get sentBytes(): number {
    return this.#sent.length * STEP;
  }

  /** Sends one step, and lets every healthy watcher take it. */
  async step(): Promise<void> {
    const bytes = pattern(this.sentBytes, STEP);
    this.#sent.push(bytes);
    const taken = this.#healthy.map((watcher) => watcher.take(STEP));
    await this.#broadcaster.send(bytes);
    for (const [i, part] of (await Promise.all(taken)).entries()) {
      this.#received[i]!.push(part);
    }
  }

  /** Asserts that every healthy watcher received what was sent, and nothing else. */
  async assertHealthy(): Promise<void> {
    const sent = await sha256(concat(this.#sent));
    for (const [i, received] of this.#received.entries()) {
      assertEquals(await sha256(concat(received)), sent, `watcher ${i}`);
    }
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#healthy) watcher.close();
  }
}

Deno.test("a watcher that reads too late skips, and healthy ones lose nothing", async () => {
  await using server = await startTestServer({ config: { backlog: BACKLOG } });
  using broadcaster = await broadcasting(
    server,
    broadcastText("fier", `,bufsize=${STEP}`),
  );
  using late = await watching(server, "watch,user=fier");
  using paced = await PacedChannel.open(server, broadcaster, 1);
  while (paced.sentBytes < FLOOD_BYTES) await paced.step();
  const last = pattern(paced.sentBytes - STEP, STEP);
  await broadcaster.finish();
  const received = await late.rest();
  await paced.assertHealthy();
  const { remote } = server.log.named("watch-start")[0]!.fields;
  const end = await server.log.wait("watch-end", 1, { remote });
  assertGreater(Number(end.skips), 0, JSON.stringify(end));
  assertEquals(end.bytes, received.length);
  assertEquals(received.length + Number(end["skipped-bytes"]), FLOOD_BYTES);
  // It began at the first byte, and after the skip at a chunk's start, up to the end.
  assertEquals(received.subarray(0, 100), pattern(0, 100));
  assertEquals(await sha256(received.slice(-STEP)), await sha256(last));
});

Deno.test("a watcher that never reads is cut and reported, and healthy ones lose nothing", async () => {
  await using server = await startTestServer({
    config: { backlog: BACKLOG, watcherStall: 1 },
  });
  using broadcaster = await broadcasting(server, broadcastText("fier"));
  using _stalled = await watching(server, "watch,user=fier");
  using paced = await PacedChannel.open(server, broadcaster, 1);
  while (paced.sentBytes < FLOOD_BYTES) await paced.step();
  let steps = 0;
  while (server.log.named("watch-end").length === 0 && steps < MOST_STEPS) {
    await paced.step();
    await new Promise((resolve) => setTimeout(resolve, 20)); // a live source's pace
    steps++;
  }
  const ends = server.log.named("watch-end").map(({ fields }) => fields);
  assertEquals(ends.length, 1);
  assertOverrun(ends[0]?.reason, "took no byte", 1);
  assertEquals(
    ends[0]?.remote,
    server.log.named("watch-start")[0]?.fields.remote,
  );
  await paced.step();
  await paced.assertHealthy();
  assert(paced.sentBytes > BACKLOG);
});
