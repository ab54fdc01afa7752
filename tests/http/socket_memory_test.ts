import { assertEquals } from "@std/assert";
import { SocketMemory } from "../../lib/http/socket_memory.ts";
import type { Sweep } from "../../lib/sweep.ts";

const MIB = 1024 * 1024;

/** Bytes that the process may have beside what was promised. */
const NATIVE = 128 * MIB;

/** Milliseconds between two looks. */
const LOOK_MS = 1000;

/** A guard of 64 MiB whose clock and whose process stand in the test. */
class Guarded {
  /** Milliseconds. */
  now = 0;
  /** Bytes. */
  native = 0;
  /** Bytes that were found each time that all sockets were cut. */
  readonly cuts: number[] = [];
  readonly memory: SocketMemory = new SocketMemory({
    limitBytes: 64 * MIB,
    sweep: this.#sweep(),
    nativeBytes: () => this.native,
    cut: (bytes) => this.cuts.push(bytes),
  });

  #sweep(): Sweep {
    const now = (): number => this.now;
    const sweep = {
      get now(): number {
        return now();
      },
      add(): void {},
      delete(): void {},
    };
    return sweep as unknown as Sweep;
  }

  /** Some time goes by. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    this.memory.sweep();
  }
}

Deno.test("SocketMemory has sockets cut when the process grows beyond what was promised", () => {
  const guarded = new Guarded();
  guarded.memory.watch(new Promise(() => {}));
  guarded.native = 64 * MIB + NATIVE;
  guarded.pass(LOOK_MS);
  assertEquals(guarded.cuts, []);
  guarded.native++;
  guarded.pass(LOOK_MS);
  assertEquals(guarded.cuts, [guarded.native]);
});

Deno.test("SocketMemory looks once a second, and only while there are sockets", async () => {
  const guarded = new Guarded();
  guarded.native = 1024 * MIB;
  guarded.pass(LOOK_MS);
  assertEquals(guarded.cuts.length, 0);
  const { promise, resolve } = Promise.withResolvers<void>();
  guarded.memory.watch(promise);
  guarded.pass(LOOK_MS);
  guarded.pass(LOOK_MS - 1);
  assertEquals(guarded.cuts.length, 1);
  resolve();
  await promise;
  guarded.pass(LOOK_MS);
  assertEquals(guarded.cuts.length, 1);
});
