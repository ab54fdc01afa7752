import { assertEquals } from "@std/assert";
import { LiveFraming } from "../../lib/session/live_framing.ts";
import { FRAMED_HEADER_BYTES } from "../../lib/wire/framed.ts";

/** A channel whose clock and head a test sets; its bytes arrived as many milliseconds ago as `ageMs` says. */
class Scene {
  nowMs = 10_000;
  ageMs = 25;
  readonly log = {
    last: 0,
    ageOf: (offset: number): number => {
      assertEquals(offset, 2000);
      return this.ageMs;
    },
  };
  readonly framing: LiveFraming;

  constructor() {
    const now = (): number => this.nowMs;
    const broadcast = { id: "ab", base: 1000 };
    const channel = { now, log: this.log, broadcast };
    this.framing = new LiveFraming(channel as never);
  }

  /** The report before a piece, while the log ends at an offset; empty without one. */
  before(last: number, length = 100): string {
    this.log.last = last;
    const header = this.framing.header(length, 2000);
    const text = header.subarray(FRAMED_HEADER_BYTES, -FRAMED_HEADER_BYTES);
    assertEquals(
      [...header.subarray(-FRAMED_HEADER_BYTES)],
      [0, length >> 16, (length >> 8) & 255, length & 255, 1],
    );
    return new TextDecoder().decode(text);
  }
}

Deno.test("LiveFraming tells once a second where live is, and all who read up to there", () => {
  const scene = new Scene();
  assertEquals(scene.before(3000), "live,at=ab:2000,time=10000,age=25");
  assertEquals(scene.before(3000, 50), "live,at=ab:2000,time=10000,age=25");
  assertEquals(scene.before(3100), "");
  scene.nowMs += 999;
  assertEquals(scene.before(3200), "");
  scene.nowMs += 1;
  assertEquals(scene.before(3300), "live,at=ab:2300,time=11000,age=25");
  assertEquals(scene.before(3400), "");
});

Deno.test("LiveFraming tells a late watcher with each piece", () => {
  const scene = new Scene();
  scene.ageMs = 500;
  for (const last of [100_000, 100_001, 100_002]) {
    const report = `live,at=ab:${last - 1000},time=10000,age=500`;
    assertEquals(scene.before(last, 90_000), report);
  }
  scene.ageMs = 499;
  assertEquals(scene.before(100_003, 90_000), "");
});
