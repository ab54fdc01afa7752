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
  report(age = 0, wayMs = 20): void {
    const time = String(this.serverMs - wayMs);
    this.lag.report(new Map(Object.entries({ time, age: String(age) })));
  }

  /** Lets time pass. */
  pass(ms: number): void {
    this.serverMs += ms;
  }
}

Deno.test("LiveLag is unknown until media behind a report is delivered", () => {
  const { lag, ...scene } = new Scene();
  lag.deliver();
  assertEquals([lag.seconds, lag.longestSeconds], [undefined, undefined]);
  for (const time of ["", "-1", "x", "1e3"]) {
    lag.report(new Map(Object.entries({ time, age: "0" })));
    lag.report(new Map(Object.entries({ time: "5" })));
  }
  lag.deliver();
  assertEquals(lag.seconds, undefined);
  lag.report(new Map(Object.entries({ time: `${scene.serverMs}`, age: "0" })));
  assertEquals(lag.seconds, undefined);
  lag.deliver();
  assertEquals([lag.seconds, lag.longestSeconds], [0, 0]);
});

Deno.test("LiveLag counts what server, network and sink add to the shortest way", () => {
  const scene = new Scene();
  const { lag } = scene;
  scene.report();
  lag.deliver();
  scene.pass(1000);
  scene.report(300); // The server was late.
  lag.deliver();
  assertAlmostEquals(lag.seconds!, 0.3, 0.001);
  scene.pass(1000);
  scene.report(0, 520); // It waited in buffers.
  scene.pass(200);
  lag.deliver(); // The sink took it late.
  assertAlmostEquals(lag.seconds!, 0.7, 0.001);
  lag.deliver();
  assertAlmostEquals(lag.seconds!, 0.7, 0.001);
  scene.pass(1000);
  assertAlmostEquals(lag.waitingSeconds!, 1.7, 0.001);
  scene.report();
  lag.deliver();
  assertAlmostEquals(lag.seconds!, 0, 0.001);
  assertAlmostEquals(lag.longestSeconds!, 0.7, 0.001);
});

Deno.test("LiveLag counts an outage, on the clock of whichever server follows", () => {
  const scene = new Scene();
  const { lag } = scene;
  scene.report();
  lag.deliver();
  scene.pass(8000);
  assertEquals([lag.seconds, lag.waitingSeconds], [0, 8]);
  scene.aheadMs += 77_000_000;
  scene.serverMs -= 77_000_000; // Another server.
  lag.connect();
  scene.report(8000);
  lag.deliver();
  scene.pass(1000);
  scene.report();
  lag.deliver();
  assertAlmostEquals(lag.seconds!, 0, 0.001);
  assertAlmostEquals(lag.longestSeconds!, 8, 0.001);
});

Deno.test("LiveLag does not take a clock that drifts for a lag", () => {
  const scene = new Scene();
  const days = 3;
  for (let second = 0; second < days * 86_400; second += 10) {
    scene.report();
    scene.lag.deliver();
    scene.pass(10_000);
    scene.aheadMs += 10_000 * 1e-4;
  }
  assertAlmostEquals(scene.lag.longestSeconds!, 0, 0.01);
});

Deno.test("LiveLag shows a steady lag as what it is", () => {
  const scene = new Scene();
  scene.report();
  for (let second = 1; second <= 3600; second++) {
    scene.pass(1000);
    scene.report(0, 5020);
    scene.lag.deliver();
  }
  assertAlmostEquals(scene.lag.seconds!, 5, 0.8);
});
