import { assertEquals } from "@std/assert";
import {
  DELAY_FROM,
  FailedAttempts,
  FIRST_DELAY_MS,
  FORGET_MS,
  MAX_DELAY_MS,
  MAX_NETWORKS,
  REFUSE_FROM,
  REFUSE_MS,
} from "../../../lib/auth/rate_limit/failed_attempts.ts";

const NETWORK = "192.0.2.1";

class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

function failTimes(
  failures: FailedAttempts,
  times: number,
  target = "alice",
): void {
  for (let i = 0; i < times; i++) failures.failed(NETWORK, target);
}

Deno.test("FailedAttempts.delayMs() delays from the third failure, longer each time up to its cap", () => {
  const failures = new FailedAttempts();
  const delays = [failures.delayMs(NETWORK)];
  for (let i = 0; i < REFUSE_FROM; i++) {
    failTimes(failures, 1);
    delays.push(failures.delayMs(NETWORK));
  }
  assertEquals(DELAY_FROM, 3);
  assertEquals(delays.slice(0, 6), [0, 0, 0, 250, 500, 1000]);
  assertEquals(delays[DELAY_FROM], FIRST_DELAY_MS);
  assertEquals(delays.at(-1), MAX_DELAY_MS);
});

Deno.test("FailedAttempts.refused() refuses for a minute from the tenth failure", () => {
  const clock = new Clock();
  const failures = new FailedAttempts(clock);
  failTimes(failures, 9);
  assertEquals(failures.refused(NETWORK), false);
  failTimes(failures, 1);
  assertEquals(failures.refused(NETWORK), true);
  assertEquals(REFUSE_MS, 60_000);
  clock.ms = REFUSE_MS - 1;
  assertEquals(failures.refused(NETWORK), true);
  clock.ms = REFUSE_MS;
  assertEquals(failures.refused(NETWORK), false);
});

Deno.test("FailedAttempts.refused() refuses for another minute after each further failure", () => {
  const clock = new Clock();
  const failures = new FailedAttempts(clock);
  failTimes(failures, 10);
  clock.ms = REFUSE_MS;
  failTimes(failures, 1);
  assertEquals(failures.refused(NETWORK), true);
});

Deno.test("FailedAttempts.succeeded() forgets the failures with that user", () => {
  const failures = new FailedAttempts();
  failTimes(failures, 9);
  failures.succeeded(NETWORK, "alice");
  assertEquals(failures.delayMs(NETWORK), 0);
  assertEquals(failures.size, 0);
});

Deno.test("FailedAttempts.succeeded() does not pardon tries at another's password", () => {
  const failures = new FailedAttempts();
  for (let i = 0; i < 10; i++) {
    failTimes(failures, 1, "victim");
    failures.succeeded(NETWORK, "mallory");
  }
  assertEquals(failures.refused(NETWORK), true);
});

Deno.test("FailedAttempts forgets a network that has not failed for ten minutes", () => {
  const clock = new Clock();
  const failures = new FailedAttempts(clock);
  failTimes(failures, 9);
  clock.ms = FORGET_MS;
  assertEquals(failures.delayMs(NETWORK), 0);
  failTimes(failures, 1);
  assertEquals(failures.refused(NETWORK), false);
});

Deno.test("FailedAttempts remembers a bounded number of networks, the latest", () => {
  const failures = new FailedAttempts();
  failTimes(failures, 3);
  for (let i = 0; i < MAX_NETWORKS - 1; i++) {
    failures.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, "a");
  }
  assertEquals(failures.delayMs(NETWORK), FIRST_DELAY_MS);
  failures.failed("198.51.100.1", "a");
  assertEquals(failures.size, MAX_NETWORKS);
  assertEquals(failures.delayMs(NETWORK), 0);
});
