import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  REFUSE_FROM,
  REFUSE_MS,
} from "../../../lib/auth/rate_limit/failed_attempts.ts";
import {
  type AttemptOutcome,
  LoginRateLimiter,
  MAX_WAITING_ATTEMPTS,
} from "../../../lib/auth/rate_limit/login_rate_limiter.ts";

const REMOTE = "192.0.2.1:5000";
const NETWORK = "192.0.2.1";

/** A limiter whose clock a test sets, whose delays pass at once, and what was checked. */
class Scene {
  ms = 0;
  checked = 0;
  readonly slept: number[] = [];
  readonly limiter: LoginRateLimiter;

  constructor(maxWaiting = MAX_WAITING_ATTEMPTS) {
    this.limiter = new LoginRateLimiter({
      maxWaiting,
      now: () => this.ms,
      sleep: (ms) => {
        this.slept.push(ms);
        return Promise.resolve();
      },
    });
  }

  /** Tries a secret; each check takes a turn of the event loop, as a hash does. */
  attempt(
    right: boolean,
    remote = REMOTE,
    target = "alice",
  ): Promise<AttemptOutcome> {
    return this.limiter.guard({ remote, target }, async () => {
      this.checked++;
      await new Promise((resolve) => setTimeout(resolve, 0));
      return right;
    });
  }

  async fail(times: number, remote = REMOTE, target = "alice"): Promise<void> {
    for (let i = 0; i < times; i++) await this.attempt(false, remote, target);
  }
}

function count(outcomes: readonly AttemptOutcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

for (const guesses of [30, 300, 900]) {
  Deno.test(`LoginRateLimiter.guard() checks ten of ${guesses} guesses at once, wherever the right one is`, async () => {
    for (const at of [REFUSE_FROM, guesses >> 1, guesses - 1]) {
      const scene = new Scene();
      const outcomes = await Promise.all(
        Array.from({ length: guesses }, (_, i) => scene.attempt(i === at)),
      );
      assertEquals(scene.checked, REFUSE_FROM);
      assertEquals(count(outcomes), {
        wrong: REFUSE_FROM,
        refused: guesses - REFUSE_FROM,
      });
    }
  });
}

Deno.test("LoginRateLimiter.guard() never checks more than ten in all, whatever has failed before", async () => {
  for (let before = 0; before < REFUSE_FROM; before++) {
    const scene = new Scene();
    await scene.fail(before);
    await Promise.all(Array.from({ length: 50 }, () => scene.attempt(false)));
    assertEquals(scene.checked, REFUSE_FROM, `${before}`);
  }
});

Deno.test("LoginRateLimiter.guard() checks one guess a minute of those at once after ten failures", async () => {
  const scene = new Scene();
  await scene.fail(REFUSE_FROM);
  for (let minute = 1; minute <= 3; minute++) {
    scene.ms = minute * REFUSE_MS;
    await Promise.all(Array.from({ length: 50 }, () => scene.attempt(false)));
    assertEquals(scene.checked, REFUSE_FROM + minute);
  }
});

Deno.test("LoginRateLimiter.guard() counts guesses at many secrets together", async () => {
  const scene = new Scene();
  await Promise.all(
    Array.from(
      { length: 50 },
      (_, i) => scene.attempt(false, REMOTE, `user${i}`),
    ),
  );
  assertEquals(scene.checked, REFUSE_FROM);
});

Deno.test("LoginRateLimiter.guard() lets all who know their secret in at once, as many as may wait", async () => {
  const scene = new Scene();
  const outcomes = await Promise.all(
    Array.from({ length: 1000 }, () => scene.attempt(true)),
  );
  assertEquals(count(outcomes), { right: 1000 });
});

Deno.test("LoginRateLimiter.guard() delays those who know their secret together, not one after the other", async () => {
  const scene = new Scene();
  await scene.fail(3, REMOTE, "bob");
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => scene.attempt(true)),
  );
  assertEquals(count(outcomes), { right: 100 });
  assertEquals(scene.slept, new Array(100).fill(250));
});

Deno.test("LoginRateLimiter.guard() is busy when too many wait, which counts as nothing", async () => {
  const scene = new Scene(5);
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () => scene.attempt(true)),
  );
  assertEquals(count(outcomes), { right: REFUSE_FROM + 5, busy: 85 });
  assertEquals(scene.limiter.failures.count(NETWORK), 0);
});

Deno.test("LoginRateLimiter.guard() counts a check that rejects as nothing, and passes the error on", async () => {
  const { limiter, ...scene } = new Scene();
  const attempt = { remote: REMOTE, target: "alice" };
  const failing = Array.from({ length: 50 }, () =>
    assertRejects(
      () => limiter.guard(attempt, () => Promise.reject(new Error("EMFILE"))),
      Error,
      "EMFILE",
    ));
  await Promise.all(failing);
  assertEquals(limiter.failures.size, 0);
  assertEquals(scene.slept, []);
  assertEquals(await limiter.guard(attempt, () => true), "right");
});

Deno.test("LoginRateLimiter.guard() counts by network: an address whatever its port, a /64 of IPv6", async () => {
  const scene = new Scene();
  for (let i = 1; i <= 10; i++) {
    await scene.attempt(false, `192.0.2.1:${i}`);
    await scene.attempt(false, `[2001:db8:0:1::${i}]:80`);
  }
  const refused = [
    "192.0.2.1:9999",
    "[::ffff:192.0.2.1]:1",
    "[2001:db8:0:1:ffff::1]:80",
  ];
  for (const remote of refused) {
    assertEquals(await scene.attempt(true, remote), "refused", remote);
  }
  for (const remote of ["192.0.2.2:1", "[2001:db8:0:2::1]:80"]) {
    const slept = scene.slept.length;
    assertEquals(await scene.attempt(true, remote), "right", remote);
    assertEquals(scene.slept.length, slept);
  }
});

Deno.test("LoginRateLimiter.guard() forgets by a success the failures with that target alone", async () => {
  const scene = new Scene();
  await scene.fail(4, REMOTE, "alice");
  await scene.fail(4, REMOTE, "victim");
  await scene.attempt(true, REMOTE, "alice");
  assertEquals(scene.limiter.failures.count(NETWORK), 4);
  const attempt = { remote: REMOTE, target: "victim", provesNothing: true };
  assertEquals(await scene.limiter.guard(attempt, () => true), "right");
  assertEquals(scene.limiter.failures.count(NETWORK), 4);
});

Deno.test("LoginRateLimiter.guard() counts a guess whose peer does not wait for the answer", async () => {
  const scene = new Scene();
  // They are not awaited, like those of a connection that is closed at once.
  const abandoned = Array.from({ length: 20 }, () => scene.attempt(false));
  assertEquals(await scene.attempt(true), "refused");
  assertEquals(scene.checked, REFUSE_FROM);
  await Promise.all(abandoned);
  assert(scene.limiter.failures.refused(NETWORK));
});
