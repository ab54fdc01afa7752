import { assertEquals } from "@std/assert";
import { SocketMemory } from "../../lib/web/socket_memory.ts";
import type { Ticker } from "../../lib/clock/ticker.ts";

const MIB = 1024 * 1024;

/** Bytes that the process may have beside what was promised. */
const NATIVE = 128 * MIB;

/** Bytes by which it may grow further once sockets were cut. */
const GROWTH = 64 * MIB;

/** Wakes nobody by itself. */
const STILL = { add(): void {}, delete(): void {} } as unknown as Ticker;

/** A guard of 64 MiB whose process stands in the test. */
class Guarded {
  /** Bytes. */
  native = 0;
  /** Bytes that were found each time that all sockets were cut. */
  readonly cuts: number[] = [];
  readonly memory: SocketMemory = new SocketMemory({
    limitBytes: () => 64 * MIB,
    ticker: STILL,
    nativeBytes: () => this.native,
    cut: (bytes) => this.cuts.push(bytes),
  });
}

Deno.test("SocketMemory has sockets cut when the process grows beyond what was promised", () => {
  const guarded = new Guarded();
  guarded.memory.watch(new Promise(() => {}));
  guarded.native = 64 * MIB + NATIVE;
  guarded.memory.tick();
  assertEquals(guarded.cuts, []);
  guarded.native++;
  guarded.memory.tick();
  assertEquals(guarded.cuts, [guarded.native]);
});

Deno.test("SocketMemory looks only while there are sockets", async () => {
  const guarded = new Guarded();
  guarded.native = 1024 * MIB;
  guarded.memory.tick();
  assertEquals(guarded.cuts.length, 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  guarded.memory.watch(promise);
  guarded.memory.tick();
  assertEquals(guarded.cuts.length, 1);
  resolve();
  await promise;
  guarded.memory.tick();
  assertEquals(guarded.cuts.length, 1);
});

Deno.test("SocketMemory cuts once for what does not go away, and again for what comes on top", () => {
  const guarded = new Guarded();
  guarded.memory.watch(new Promise(() => {}));
  const high = guarded.native = 500 * MIB;
  guarded.memory.tick();
  guarded.native = high + GROWTH;
  guarded.memory.tick();
  assertEquals(guarded.cuts, [high]);
  guarded.native++;
  guarded.memory.tick();
  assertEquals(guarded.cuts, [high, high + GROWTH + 1]);
  guarded.native = 0;
  guarded.memory.tick();
  guarded.native = 64 * MIB + NATIVE + 1;
  guarded.memory.tick();
  assertEquals(guarded.cuts.length, 3);
});
