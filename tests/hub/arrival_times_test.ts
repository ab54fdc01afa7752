import { assert, assertEquals, assertLess } from "@std/assert";
import { ArrivalTimes, SAMPLE_MS } from "../../lib/hub/arrival_times.ts";
import { SegmentLog } from "../../lib/hub/segment_log.ts";
import { seededRandom } from "../helpers/rng.ts";

Deno.test("ArrivalTimes.age() is the time since a byte arrived", () => {
  const times = new ArrivalTimes();
  times.arrived(0, 1000);
  times.arrived(500, 3000);
  times.arrived(700, 3500);
  assertEquals(times.age(0, 4000), 3000);
  assertEquals(times.age(499, 4000), 3000, "came with the bytes before it");
  assertEquals(times.age(500, 4000), 1000);
  assertEquals(times.age(10_000, 4000), 500);
});

Deno.test("ArrivalTimes.age() is 0 while nothing has arrived, and never negative", () => {
  const times = new ArrivalTimes();
  assertEquals(times.age(5, 100), 0);
  times.arrived(0, 100);
  assertEquals(times.age(0, 50), 0);
});

Deno.test("ArrivalTimes.age() is too large by a sample at most, whatever arrives when", () => {
  const random = seededRandom(7);
  const times = new ArrivalTimes();
  const arrivals: { offset: number; at: number }[] = [];
  let now = 0;
  for (let offset = 0; arrivals.length < 400; offset += 1 + random(5000)) {
    now += random(60);
    times.arrived(offset, now);
    arrivals.push({ offset, at: now });
  }
  for (const { offset, at } of arrivals) {
    const excess = times.age(offset, now) - (now - at);
    assert(excess >= 0 && excess < SAMPLE_MS, `${offset}: ${excess}`);
  }
});

Deno.test("ArrivalTimes keeps a long backlog's ages right to a few percent, and the newest exactly", () => {
  const times = new ArrivalTimes();
  const hours = 3_600_000 * 10;
  for (let now = 0; now <= hours; now += SAMPLE_MS) times.arrived(now, now);
  for (const age of [0, 1000, 10_000, 25_000]) {
    assertEquals(times.age(hours - age, hours), age);
  }
  for (const age of [40_000, 100_000, 500_000, 3_600_000, 20_000_000]) {
    const told = times.age(hours - age, hours);
    assertLess(Math.abs(told - age) / age, 0.1, `${age}: ${told}`);
  }
});

Deno.test("SegmentLog.ageOf() tells how far an offset is behind, and 0 at the head", () => {
  const log = new SegmentLog(1_000_000);
  log.append(new Uint8Array(100), 1000);
  log.append(new Uint8Array(100), 2000);
  assertEquals(log.ageOf(0, 2500), 1500);
  assertEquals(log.ageOf(150, 2500), 500);
  assertEquals(log.ageOf(200, 2500), 0);
});
