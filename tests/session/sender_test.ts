import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import { Delivery, type DeliveryEnd } from "../../lib/session/delivery.ts";
import { type Peer, writeAll } from "../../lib/net/peer.ts";
import { Ticker } from "../../lib/clock/ticker.ts";
import { openChannel } from "../hub/scripted_media.ts";
import { pattern } from "../helpers/pattern.ts";

/** Milliseconds: longer than any test here. */
const NEVER_MS = 60_000;

/** A peer that takes so many bytes of each write, and then none or fails. */
class ScriptedPeer implements Peer {
  readonly remote = { host: "192.0.2.1", port: 1 };
  readonly readable: ReadableStream<Uint8Array> = new ReadableStream();
  readonly gone: Promise<"closed" | "reset"> = new Promise(() => {});
  readonly taken: Uint8Array[] = [];
  readonly #most: number;
  /** What becomes of writes: by default they succeed. */
  fate: "takes" | "stalls" | Error = "takes";
  writes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    if (this.fate instanceof Error) return Promise.reject(this.fate);
    if (this.fate === "stalls") return new Promise(() => {});
    this.taken.push(bytes.slice(0, this.#most));
    return Promise.resolve(Math.min(bytes.length, this.#most));
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

/** A cursor that tells who is parked through it. */
class WatchedCursor extends Cursor {
  readonly parked: Set<() => void> = new Set();

  override park(wake: () => void): void {
    this.parked.add(wake);
    super.park(wake);
  }

  override unpark(wake: () => void): void {
    this.parked.delete(wake);
    super.unpark(wake);
  }
}

/** A ticker whose clock stands still until it is set. */
function stillTicker(): Ticker & Disposable & {
  readonly clock: { now: number };
} {
  const clock = { now: 0 };
  const ticker = new Ticker(() => clock.now);
  return Object.assign(ticker, {
    clock,
    [Symbol.dispose]: () => ticker.close(),
  });
}

for (const most of [1, 7, 1000]) {
  Deno.test(`Delivery to a peer that takes ${most} bytes at a time`, async () => {
    using ticker = stillTicker();
    const { channel } = openChannel();
    const peer = new ScriptedPeer(most);
    const cursor = new Cursor(channel, { start: "join", burst: 0 });
    const delivery = new Delivery(cursor, peer, ticker, NEVER_MS);
    channel.append(pattern(0, 100));
    channel.append(pattern(100, 200));
    channel.end();
    assertEquals(await delivery.done, { ended: true });
    assertEquals(concat(peer.taken), pattern(0, 300));
  });
}

Deno.test("Delivery has one write under way at most, and coalesces what comes meanwhile", async () => {
  using ticker = stillTicker();
  const { channel } = openChannel();
  const peer = new ScriptedPeer(1000);
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  const delivery = new Delivery(cursor, peer, ticker, NEVER_MS);
  for (let i = 0; i < 10; i++) channel.append(pattern(i, 1));
  assertEquals(peer.writes, 1);
  channel.end();
  await delivery.done;
  assertEquals(peer.taken, [pattern(0, 1), pattern(1, 9)]);
});

const FAILURES: readonly [Error, string][] = [
  [new Deno.errors.BrokenPipe("x"), "the watcher left"],
  [new Deno.errors.ConnectionReset("x"), "the watcher left"],
  [new Error("no route"), "no route"],
];

for (const [error, why] of FAILURES) {
  Deno.test(`Delivery ends when a write fails: ${error.name}`, async () => {
    using ticker = stillTicker();
    const { channel } = openChannel();
    const peer = new ScriptedPeer(1);
    const cursor = new Cursor(channel, { start: "join", burst: 0 });
    const delivery = new Delivery(cursor, peer, ticker, NEVER_MS);
    peer.fate = error;
    channel.append(new Uint8Array(5));
    assertEquals(await delivery.done, { ended: false, why });
    channel.append(new Uint8Array(5));
    assertEquals(peer.writes, 1);
  });
}

Deno.test("Delivery.stop() ends it once, and nothing is written any more", async () => {
  using ticker = stillTicker();
  const { channel } = openChannel();
  const peer = new ScriptedPeer(1000);
  const cursor = new WatchedCursor(channel, { start: "join", burst: 0 });
  const delivery = new Delivery(cursor, peer, ticker, NEVER_MS);
  assertEquals(cursor.parked.size, 1);
  delivery.stop("first");
  delivery.stop("second");
  assertEquals(cursor.parked.size, 0); // or a quiet channel would keep who has left in memory
  channel.append(new Uint8Array(5));
  assertEquals(await delivery.done, { ended: false, why: "first" });
  assertEquals(peer.writes, 0);
});

Deno.test("Delivery is cut when a write takes too long, never before", async () => {
  using ticker = stillTicker();
  const { channel } = openChannel();
  const peer = new ScriptedPeer(1000);
  const cursor = new Cursor(channel, { start: "join", burst: 0 });
  const delivery = new Delivery(cursor, peer, ticker, 1000);
  let end: DeliveryEnd | undefined;
  delivery.done.then((value) => end = value);
  // Nothing to write is no stall, however long it lasts.
  ticker.now = ticker.clock.now = 50_000;
  delivery.tick();
  peer.fate = "stalls";
  channel.append(new Uint8Array(5));
  ticker.now = ticker.clock.now = 51_000;
  delivery.tick();
  await Promise.resolve();
  assertEquals(end, undefined);
  ticker.now = ticker.clock.now = 51_500;
  delivery.tick();
  assertEquals(await delivery.done, {
    ended: false,
    why: "took no byte for 1.2 s (1 s allowed)",
  });
});

Deno.test("Ticker.ranOut() allows for a clock that lags, and is never early", () => {
  using ticker = stillTicker();
  // Begun just before a tick: the clock read 0 although almost a tick had passed.
  ticker.now = 1000;
  assert(!ticker.ranOut(0, 1000));
  ticker.now = 1249;
  assert(!ticker.ranOut(0, 1000));
  ticker.now = 1250;
  assert(ticker.ranOut(0, 1000));
});

Deno.test("writeAll() writes the rest of what was taken in part", async () => {
  const peer = new ScriptedPeer(3);
  await writeAll(peer, pattern(0, 10));
  assertEquals(concat(peer.taken), pattern(0, 10));
  assertEquals(peer.writes, 4);
});
