import "../helpers/fast_ticks.ts";
import { assert, assertEquals } from "@std/assert";
import { DelayPeak } from "../../lib/clock/delay_peak.ts";
import { Ticker } from "../../lib/clock/ticker.ts";

/** Waits for the next tick. */
function ticked(ticker: Ticker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const member = {
    tick: (): void => {
      ticker.delete(member);
      resolve();
    },
  };
  ticker.add(member);
  return promise;
}

Deno.test("Ticker's clock stands still while the server is late, and then continues", async () => {
  const clock = { now: 0 };
  const ticker = new Ticker(() => clock.now);
  for (const now of [0, 1, 250, 500]) {
    clock.now = now;
    assert(!ticker.isLate, `${now} ms after the last tick`);
  }
  clock.now = 501;
  assert(ticker.isLate);
  clock.now = 3000; // The ticker of 250 comes 2750 ms late.
  assert(ticker.isLate);
  await ticked(ticker);
  assertEquals(ticker.now, 250);
  assertEquals(ticker.longestDelay, 2.75);
  assertEquals(ticker.overrun("sent no byte", 0, 1000), undefined);
  assert(ticker.isLate, "watchers have not caught up yet");
  clock.now += 300;
  await ticked(ticker);
  assertEquals(ticker.now, 550);
  clock.now += 2000;
  assert(ticker.isLate);
  await ticked(ticker);
  clock.now += 2000;
  await ticked(ticker);
  clock.now += 250;
  await ticked(ticker);
  assertEquals(ticker.now, 550 + 250 + 250 + 250);
  ticker.close();
});

Deno.test("Ticker's clock takes a delay of one tick for its peers' time, and no longer one", async () => {
  const clock = { now: 0 };
  const ticker = new Ticker(() => clock.now);
  clock.now = 500;
  await ticked(ticker);
  assertEquals(ticker.now, 500);
  clock.now += 501;
  await ticked(ticker);
  assertEquals(ticker.now, 750);
  ticker.close();
});

Deno.test("Ticker.isLate ends two seconds after the server was late", async () => {
  const clock = { now: 0 };
  const ticker = new Ticker(() => clock.now);
  clock.now = 1000;
  await ticked(ticker);
  for (let passed = 0; passed < 1750; passed += 250) {
    clock.now += 250;
    await ticked(ticker);
    assert(ticker.isLate, `after ${passed} ms`);
  }
  clock.now += 250;
  await ticked(ticker);
  assert(!ticker.isLate);
  ticker.close();
});

Deno.test("Ticker.overrun() tells what was done, how long at least, and how long is allowed", () => {
  const ticker = new Ticker(() => 0);
  const overrun = (now: number, limit: number): string | undefined => {
    ticker.now = now;
    return ticker.overrun("took no byte", 100, limit);
  };
  assertEquals(overrun(30_349, 30_000), undefined);
  assertEquals(
    overrun(30_350, 30_000),
    "took no byte for 30 s (30 s allowed)",
  );
  assertEquals(
    overrun(31_999, 30_000),
    "took no byte for 31.6 s (30 s allowed)",
  );
  assertEquals(overrun(400, 50), "took no byte for 0.05 s (0.05 s allowed)");
  ticker.close();
});

Deno.test("DelayPeak forgets after two windows of 15 seconds, not before one", () => {
  const peak = new DelayPeak();
  peak.add(5, 0);
  peak.add(900, 100);
  peak.add(7, 14_000);
  assertEquals(peak.longestMs, 900);
  peak.add(3, 15_000);
  peak.add(4, 29_999);
  assertEquals(peak.longestMs, 900);
  peak.add(1, 30_000);
  assertEquals(peak.longestMs, 4);
});

Deno.test("Ticker.ranOut() allows for a clock that lags, and is never early", () => {
  const ticker = new Ticker(() => 0);
  // Begun just before a tick: the clock read 0 although almost a tick had passed.
  ticker.now = 1000;
  assert(!ticker.ranOut(0, 1000));
  ticker.now = 1249;
  assert(!ticker.ranOut(0, 1000));
  ticker.now = 1250;
  assert(ticker.ranOut(0, 1000));
  ticker.close();
});
