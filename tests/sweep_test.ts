import { assert, assertEquals } from "@std/assert";
import { DelayPeak } from "../lib/delay_peak.ts";
import { Sweep } from "../lib/sweep.ts";

/** Waits for the next sweep. */
function swept(sweep: Sweep): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const member = {
    sweep: (): void => {
      sweep.delete(member);
      resolve();
    },
  };
  sweep.add(member);
  return promise;
}

Deno.test("Sweep's clock stands still while the server is late, and goes on as it was", async () => {
  const clock = { now: 0 };
  const sweep = new Sweep(() => clock.now);
  assert(!sweep.isLate);
  clock.now = 3000; // The sweep of 250 comes 2750 ms late.
  assert(sweep.isLate);
  await swept(sweep);
  assertEquals(sweep.now, 250);
  assertEquals(sweep.longestDelay, 2.75);
  assertEquals(sweep.overrun("sent no byte", 0, 1000), undefined);
  assert(sweep.isLate, "watchers have not caught up yet");
  clock.now += 300;
  await swept(sweep);
  assertEquals(sweep.now, 550);
  clock.now += 2000;
  assert(sweep.isLate);
  await swept(sweep);
  clock.now += 2000;
  await swept(sweep);
  clock.now += 250;
  await swept(sweep);
  assertEquals(sweep.now, 550 + 250 + 250 + 250);
  sweep.close();
});

Deno.test("Sweep.isLate ends two seconds after the server was late", async () => {
  const clock = { now: 0 };
  const sweep = new Sweep(() => clock.now);
  clock.now = 1000;
  await swept(sweep);
  for (let passed = 0; passed < 1750; passed += 250) {
    clock.now += 250;
    await swept(sweep);
    assert(sweep.isLate, `after ${passed} ms`);
  }
  clock.now += 250;
  await swept(sweep);
  assert(!sweep.isLate);
  sweep.close();
});

Deno.test("Sweep.overrun() tells what was done, how long at least, and how long is allowed", () => {
  const sweep = new Sweep(() => 0);
  const overrun = (now: number, limit: number): string | undefined => {
    sweep.now = now;
    return sweep.overrun("took no byte", 100, limit);
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
  sweep.close();
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
