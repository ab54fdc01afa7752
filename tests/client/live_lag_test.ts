import { assertAlmostEquals, assertEquals } from "@std/assert";
import { LiveLag } from "../../lib/client/live_lag.ts";

/** A watcher whose clock is far from the server's, at the end of a way that takes a while. */
class Scene {
  /** Milliseconds on the server's clock. */
  serverMs = 500_000_000;
  /** Milliseconds that the client's clock is ahead. */
  aheadMs = -499_999_000;
  readonly lag: LiveLag = new LiveLag(() => this.serverMs + this.aheadMs);

  constructor() {
    this.lag.connect();
  }

  /** Takes a report that was sent some milliseconds ago. */
  report(at: string, wayMs = 20, age = 0): void {
    const time = String(this.serverMs - wayMs);
    this.lag.report(new Map(Object.entries({ at, time, age: String(age) })));
  }

  /** Delivers everything before an offset. */
  deliver(offset: number, id = "a"): void {
    this.lag.deliver({ id, offset });
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.serverMs += ms;
  }
}

Deno.test("LiveLag is unknown until the first report is delivered", () => {
  const scene = new Scene();
  scene.deliver(100);
  scene.report("a:300");
  scene.deliver(299);
  assertEquals([scene.lag.seconds, scene.lag.longestSeconds], [
    undefined,
    undefined,
  ]);
  scene.deliver(300);
  assertEquals([scene.lag.seconds, scene.lag.longestSeconds], [0, 0]);
});

Deno.test("LiveLag counts what server, network and sink add to the shortest way", () => {
  const scene = new Scene();
  scene.report("a:100");
  scene.deliver(100);
  scene.pass(1000);
  scene.report("a:200", 20, 300); // It lingered at the server.
  scene.deliver(200);
  assertAlmostEquals(scene.lag.seconds!, 0.3, 0.001);
  scene.pass(1000);
  scene.report("a:300", 520); // It waited in buffers.
  scene.pass(200);
  scene.deliver(350); // The sink took it late.
  assertAlmostEquals(scene.lag.seconds!, 0.7, 0.001);
  scene.pass(1000);
  scene.report("a:400");
  scene.deliver(400);
  assertAlmostEquals(scene.lag.seconds!, 0, 0.001);
  assertAlmostEquals(scene.lag.longestSeconds!, 0.7, 0.001);
});

Deno.test("LiveLag counts an outage, on the clock of whichever server follows", () => {
  const scene = new Scene();
  scene.report("a:100");
  scene.deliver(100);
  scene.pass(8000);
  assertEquals([scene.lag.seconds, scene.lag.waitingSeconds], [0, 8]);
  scene.aheadMs += 77_000_000;
  scene.serverMs -= 77_000_000; // Another server.
  scene.lag.connect();
  scene.report("b:5000");
  assertAlmostEquals(scene.lag.seconds!, 8, 0.001);
  scene.deliver(5000, "b");
  assertAlmostEquals(scene.lag.seconds!, 0, 0.001);
  assertAlmostEquals(scene.lag.longestSeconds!, 8, 0.001);
});

Deno.test("LiveLag takes an outage in which nothing was broadcast for none", () => {
  const scene = new Scene();
  scene.report("a:100");
  scene.deliver(100);
  scene.pass(8000);
  scene.lag.connect();
  scene.report("a:100", 20, 8000);
  assertEquals(scene.lag.longestSeconds, 0);
});

Deno.test("LiveLag follows a watcher into another broadcast", () => {
  const scene = new Scene();
  scene.report("a:100");
  scene.report("a:200");
  scene.report("b:50");
  scene.deliver(100);
  scene.pass(500);
  scene.deliver(50, "b"); // The rest of the first was skipped.
  assertAlmostEquals(scene.lag.seconds!, 0.5, 0.001);
});

Deno.test("LiveLag does not take a clock that drifts for a lag", () => {
  const scene = new Scene();
  const days = 3;
  for (let second = 0; second < days * 86_400; second += 10) {
    scene.report(`a:${second}`);
    scene.deliver(second);
    scene.pass(10_000);
    scene.aheadMs += 10_000 * 1e-4;
  }
  assertAlmostEquals(scene.lag.longestSeconds!, 0, 0.01);
});

Deno.test("LiveLag shows a steady lag as what it is", () => {
  const scene = new Scene();
  scene.report("a:0");
  scene.deliver(0);
  for (let second = 1; second <= 3600; second++) {
    scene.pass(1000);
    scene.report(`a:${second}`, 5020);
    scene.deliver(second);
  }
  assertAlmostEquals(scene.lag.seconds!, 5, 0.8);
});

Deno.test("LiveLag keeps no more reports than it needs, and ignores those that are malformed", () => {
  const scene = new Scene();
  for (const at of ["", "a:", "x:5", "a:-1"]) scene.report(at);
  scene.lag.report(new Map([["at", "a:5"]]));
  scene.deliver(10);
  assertEquals(scene.lag.seconds, undefined);
  for (let offset = 100; offset < 100_000; offset++) {
    scene.pass(1);
    scene.report(`a:${offset}`);
  }
  scene.deliver(100);
  assertAlmostEquals(scene.lag.seconds!, 99.9, 0.1);
  scene.deliver(99_999);
  assertAlmostEquals(scene.lag.seconds!, 0, 0.1);
});
