import { assert, assertEquals } from "@std/assert";
import { LiveFraming } from "../../lib/session/live_framing.ts";

const encoder = new TextEncoder();

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
    const channel = { now, log: this.log };
    this.framing = new LiveFraming(channel as never, {
      header: (length) => encoder.encode(`<${length}>`),
      report: ({ log: { last } }, ageMs) => encoder.encode(`${last} ${ageMs}`),
    });
  }

  /** The report before a piece, while the log ends at an offset; empty without one. */
  before(last: number, length = 100): string {
    this.log.last = last;
    const text = new TextDecoder().decode(this.framing.header(length, 2000));
    const header = `<${length}>`;
    assert(text.endsWith(header), text);
    return text.slice(0, -header.length);
  }
}

Deno.test("LiveFraming tells once a second where live is, and all who read up to there", () => {
  const scene = new Scene();
  assertEquals(scene.before(3000), "3000 25");
  assertEquals(scene.before(3000, 50), "3000 25");
  assertEquals(scene.before(3100), "");
  scene.nowMs += 999;
  assertEquals(scene.before(3200), "");
  scene.nowMs += 1;
  assertEquals(scene.before(3300), "3300 25");
  assertEquals(scene.before(3400), "");
});

Deno.test("LiveFraming tells a late watcher with each piece", () => {
  const scene = new Scene();
  scene.ageMs = 500;
  for (const last of [100_000, 100_001, 100_002]) {
    assertEquals(scene.before(last, 90_000), `${last} 500`);
  }
  scene.ageMs = 499;
  assertEquals(scene.before(100_003, 90_000), "");
});
