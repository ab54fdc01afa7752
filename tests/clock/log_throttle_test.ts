import { assertEquals } from "@std/assert";
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

/** Lines of one cause that are logged one by one. */
const LINES = 10;

function floodOf(scene: Scene, count: number, name: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const remote = `${name}${i}`;
    scene.throttle.log("refused", "limit", { remote });
    return `refused ${remote} `;
  });
}

Deno.test("LogThrottle logs ten of a cause at once, and the rest of a second as one line with their number", () => {
  using scene = new Scene();
  const flood = floodOf(scene, 831, "a");
  assertEquals(scene.pass(999), flood.slice(0, LINES));
  assertEquals(scene.pass(1), ["refused a830 821"]);
  const next = floodOf(scene, LINES + 1, "b");
  assertEquals(scene.pass(999), next.slice(0, LINES));
  assertEquals(scene.pass(1), next.slice(LINES));
  assertEquals(scene.pass(1000), []);
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
  assertEquals(lines.length, 100 + LINES + 1);
  assertEquals(lines.at(-1), "refused a9999 9890");
});

Deno.test("LogThrottle.close() logs what it has suppressed", () => {
  using scene = new Scene();
  const flood = floodOf(scene, LINES + 2, "a");
  scene.throttle.close();
  assertEquals(scene.lines, [...flood.slice(0, LINES), "refused a11 2"]);
});
