import { assertEquals, assertLessOrEqual } from "@std/assert";
import { LogThrottle } from "../../lib/clock/log_throttle.ts";
import { Ticker } from "../../lib/clock/ticker.ts";
import type { LogFields } from "../../lib/logger.ts";

/** A throttle by a clock that the test moves; `using` stops it. */
class Scene implements Disposable {
  readonly lines: string[] = [];
  readonly ticker = new Ticker(() => 0);
  readonly throttle: LogThrottle;

  constructor() {
    this.throttle = new LogThrottle(this, this.ticker);
  }

  log(event: string, { remote, count }: LogFields = {}): void {
    this.lines.push([event, remote, count].join(" "));
  }

  /** Lets time pass, and gives what was logged since the last call. */
  pass(ms: number): string[] {
    this.ticker.now += ms;
    this.throttle.tick();
    return this.lines.splice(0);
  }

  [Symbol.dispose](): void {
    this.throttle.close();
    this.ticker.close();
  }
}

Deno.test("LogThrottle logs the first of a cause at once, and the others once a second with their number", () => {
  using scene = new Scene();
  const { throttle } = scene;
  for (let i = 0; i < 831; i++) {
    throttle.log("refused", "limit", { remote: `a${i}` });
  }
  assertEquals(scene.pass(999), ["refused a0 "]);
  throttle.log("refused", "limit", { remote: "b" });
  assertEquals(scene.pass(1), ["refused b 831"]);
  throttle.log("refused", "limit", { remote: "c" });
  assertEquals(scene.pass(999), []);
  assertEquals(scene.pass(1), ["refused c "]);
  assertEquals(scene.pass(1000), []);
  throttle.log("refused", "limit", { remote: "d" });
  assertEquals(scene.pass(0), ["refused d "]);
});

Deno.test("LogThrottle tells causes and events apart", () => {
  using scene = new Scene();
  scene.throttle.log("refused", "limit", { remote: "a" });
  scene.throttle.log("refused", "bad-request", { remote: "b" });
  scene.throttle.log("accept-error", "limit", { remote: "c" });
  assertEquals(scene.pass(0), ["refused a ", "refused b ", "accept-error c "]);
});

Deno.test("LogThrottle bounds the causes that it tells apart", () => {
  using scene = new Scene();
  for (let i = 0; i < 10_000; i++) {
    scene.throttle.log("refused", `cause ${i}`, { remote: `a${i}` });
  }
  const lines = [...scene.pass(0), ...scene.pass(1000)];
  assertLessOrEqual(lines.length, 102);
  assertEquals(lines.at(-1), "refused a9999 9899");
});

Deno.test("LogThrottle.close() logs what it has suppressed", () => {
  using scene = new Scene();
  for (const remote of ["a", "b", "c"]) {
    scene.throttle.log("refused", "limit", { remote });
  }
  scene.throttle.close();
  assertEquals(scene.lines, ["refused a ", "refused c 2"]);
});
