import { assertEquals } from "@std/assert";
import { AutoLinger, MAX_AUTO_LINGER_MS } from "../../lib/hub/auto_linger.ts";

/** A process of which a test says how much it does. */
class Process {
  now = 0;
  cpuUs = 0;
  isLate = false;
  readonly linger: AutoLinger = new AutoLinger({
    now: () => this.now,
    cpuUs: () => this.cpuUs,
    isLate: () => this.isLate,
  });

  /** Lets a second pass: wake-ups for pieces, of which some took place, at some µs each. */
  second(pieceWakeUps: number, wakeUps: number, costUs: number): number {
    this.linger.arrived(pieceWakeUps);
    this.linger.woken(wakeUps);
    this.cpuUs += wakeUps * costUs;
    this.now += 1000;
    this.linger.tick();
    return this.linger.delayMs;
  }
}

Deno.test("AutoLinger does not linger while the server has room", () => {
  const process = new Process();
  assertEquals(process.linger.delayMs, 0);
  assertEquals(process.second(0, 0, 0), 0);
  assertEquals(process.second(10_000, 10_000, 10), 0);
  assertEquals(process.linger.load, 0.1);
});

Deno.test("AutoLinger lingers longer the more load there would be, up to its maximum", () => {
  const delays = [15_000, 20_000, 25_000, 100_000].map((wakeUps) =>
    new Process().second(wakeUps, wakeUps, 10)
  );
  assertEquals(delays, [133, 267, MAX_AUTO_LINGER_MS, MAX_AUTO_LINGER_MS]);
});

Deno.test("AutoLinger: to linger changes neither the load nor the time", () => {
  const process = new Process();
  assertEquals(process.second(20_000, 20_000, 10), 267);
  for (let i = 0; i < 5; i++) {
    // Seven pieces per wake-up now, each of which costs more.
    assertEquals(process.second(20_000, 3000, 25), 267);
  }
});

Deno.test("AutoLinger measures what a wake-up costs here, within reason", () => {
  const loads = [1, 5, 20, 40, 1000].map((costUs) => {
    const process = new Process();
    process.second(10_000, 10_000, costUs);
    return Math.round(process.linger.load * 100);
  });
  assertEquals(loads, [5, 5, 20, 40, 40]);
});

Deno.test("AutoLinger ends after two quiet seconds", () => {
  const process = new Process();
  process.second(50_000, 50_000, 10);
  assertEquals(process.second(100, 100, 10), MAX_AUTO_LINGER_MS);
  assertEquals(process.second(100, 100, 10), 0);
});

Deno.test("AutoLinger lingers for the full time while the server is late", () => {
  const process = new Process();
  process.isLate = true;
  process.linger.tick();
  assertEquals(process.linger.delayMs, MAX_AUTO_LINGER_MS);
  process.isLate = false;
  process.linger.tick();
  assertEquals(process.linger.delayMs, 0);
});

Deno.test("AutoLinger lingers before its window ends, once the load is certain", () => {
  const process = new Process();
  const delays = [1, 2, 3].map(() => {
    process.linger.arrived(2000);
    process.linger.woken(2000);
    process.cpuUs += 20_000;
    process.now += 250;
    process.linger.tick();
    return process.linger.delayMs;
  });
  assertEquals(delays, [0, 0, 0], "the same all the time");
  process.linger.arrived(9000);
  assertEquals(process.linger.delayMs, 267, "without a tick");
});

Deno.test("AutoLinger lingers from the first pieces on when they have many watchers", () => {
  const { linger } = new Process();
  const delays = [1, 2, 3, 4, 5].map(() => {
    linger.arrived(1000);
    return linger.delayMs;
  });
  assertEquals(delays, [0, 0, 117, 245, 373]);
});

Deno.test("AutoLinger asks for the processor time only once a watcher waits for a piece", () => {
  let asked = 0;
  const linger = new AutoLinger({ now: () => 0, cpuUs: () => asked++ });
  linger.arrived(0);
  linger.tick();
  assertEquals(asked, 0);
  linger.arrived(1);
  assertEquals(asked, 1);
});
