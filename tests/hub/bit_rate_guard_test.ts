import { assertEquals } from "@std/assert";
import { NO_LIMITS } from "../../lib/auth/permissions/permissions.ts";
import {
  BIT_RATE_BURST_S,
  BitRateGuard,
} from "../../lib/hub/bit_rate_guard.ts";

/** Allowed bits per second; a byte a millisecond. */
const BIT_RATE = 8000;

/** Channels whose bytes a test sets, looked at four times a second. */
class Scene {
  readonly log = { last: 0 };
  readonly ended: string[] = [];
  #now = 0;
  readonly #guard: BitRateGuard;

  constructor(bitRate: number | undefined) {
    const channel = { user: "fier", name: "hall", log: this.log };
    this.#guard = new BitRateGuard(
      {
        channels: () => [channel],
        endChannel: (user, name) => void this.ended.push(`${user}/${name}`),
      },
      () => ({ ...NO_LIMITS, bitRate }),
      () => this.#now,
    );
  }

  /** Lets seconds pass, with a number of bytes in each. */
  run(seconds: number, bytesPerSecond: number): void {
    for (let i = 0; i < seconds * 4 && this.ended.length === 0; i++) {
      this.#now += 250;
      this.log.last += bytesPerSecond / 4;
      this.#guard.tick();
    }
  }
}

Deno.test("BitRateGuard leaves a channel alone that keeps to its rate, for ever", () => {
  const scene = new Scene(BIT_RATE);
  scene.run(3600, BIT_RATE / 8);
  assertEquals(scene.ended, []);
});

Deno.test("BitRateGuard lets some seconds of media come at once, again and again", () => {
  const scene = new Scene(BIT_RATE);
  for (let i = 0; i < 10; i++) {
    scene.log.last += BIT_RATE / 8 * (BIT_RATE_BURST_S - 1);
    scene.run(BIT_RATE_BURST_S, BIT_RATE / 80);
  }
  assertEquals(scene.ended, []);
});

Deno.test("BitRateGuard ends a channel that sends more, sooner the more it is", () => {
  const scene = new Scene(BIT_RATE);
  scene.run(40, BIT_RATE / 8 * 1.1);
  assertEquals(scene.ended, []);
  scene.run(40, BIT_RATE / 8 * 1.1);
  assertEquals(scene.ended, ["fier/hall"]);
  const quick = new Scene(BIT_RATE);
  quick.run(1, BIT_RATE * 10);
  assertEquals(quick.ended, ["fier/hall"]);
});

Deno.test("BitRateGuard knows channels without a limit", () => {
  const scene = new Scene(undefined);
  scene.run(1, 1e12);
  assertEquals(scene.ended, []);
});
