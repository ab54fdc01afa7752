import { assertEquals, assertRejects } from "@std/assert";
import type {
  AuthDecision,
  AuthRequest,
} from "../../../lib/auth/authenticate.ts";
import { HashQueueFullError } from "../../../lib/auth/passwords/password_check.ts";
import {
  FIRST_DELAY_MS,
  REFUSE_FROM,
} from "../../../lib/auth/rate_limit/failed_attempts.ts";
import { LoginRateLimiter } from "../../../lib/auth/rate_limit/login_rate_limiter.ts";
import {
  isSignIn,
  withRateLimit,
} from "../../../lib/auth/rate_limit/with_rate_limit.ts";

import { Refusal } from "../../../lib/errors.ts";

const REMOTE = "192.0.2.1:5000";
const NETWORK = "192.0.2.1";

interface Trial {
  readonly limiter: LoginRateLimiter;
  readonly slept: number[];
  readonly seen: AuthRequest[];
  attempt(change?: Partial<AuthRequest>): Promise<AuthDecision>;
}

// The method knows one password, and lets everybody watch.
function trial(): Trial {
  const slept: number[] = [];
  const seen: AuthRequest[] = [];
  const limiter = new LoginRateLimiter({
    sleep: (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
  });
  const authenticate = withRateLimit(
    (request) => {
      seen.push(request);
      const allow = request.verb === "watch" || request.password === "right";
      return Promise.resolve(allow ? { allow } : { allow, reason: "wrong" });
    },
    limiter,
  );
  const request: AuthRequest = {
    verb: "broadcast",
    user: "alice",
    channel: "default",
    remote: REMOTE,
    protocol: "fstream1",
  };
  return {
    limiter,
    slept,
    seen,
    attempt: (change) => authenticate({ ...request, ...change }),
  };
}

Deno.test("withRateLimit() delays and then refuses even the right password, unseen", async () => {
  const { slept, seen, attempt } = trial();
  for (let i = 0; i < 10; i++) {
    assertEquals((await attempt({ password: `x${i}` })).allow, false);
  }
  const decision = await attempt({ password: "right" });
  assertEquals(decision, {
    allow: false,
    reason: "too many failed sign-ins from 192.0.2.1",
  });
  assertEquals(seen.length, 10);
  // The refused one was not made to wait as well.
  assertEquals(slept, [250, 500, 1000, 2000, 2000, 2000, 2000]);
  const elsewhere = { password: "right", remote: "192.0.2.2:1" };
  assertEquals((await attempt(elsewhere)).allow, true);
});

Deno.test("withRateLimit() lets the right password in before the tenth failure and forgets the rest", async () => {
  const { limiter, attempt } = trial();
  for (let i = 0; i < 9; i++) await attempt({ password: "wrong" });
  assertEquals((await attempt({ password: "right" })).allow, true);
  assertEquals(limiter.failures.delayMs(NETWORK), 0);
});

Deno.test("withRateLimit() tells no more when many try at once", async () => {
  const { attempt } = trial();
  const tries = Array.from(
    { length: 50 },
    (_, i) => attempt({ password: i < 40 ? "wrong" : "right" }),
  );
  const allowed = (await Promise.all(tries)).filter(({ allow }) => allow);
  assertEquals(allowed.length, 0);
});

Deno.test("withRateLimit() lets many good sign-ins from one address in at once", async () => {
  const { attempt } = trial();
  const tries = Array.from(
    { length: 50 },
    () => attempt({ password: "right" }),
  );
  const allowed = (await Promise.all(tries)).filter(({ allow }) => allow);
  assertEquals(allowed.length, 50);
});

Deno.test("withRateLimit() lets watchers of a refused address pass, unless they show something", async () => {
  const { attempt } = trial();
  for (let i = 0; i < 10; i++) await attempt({ verb: "token" });
  assertEquals((await attempt({ verb: "watch" })).allow, true);
  assertEquals((await attempt({ verb: "watch", password: "x" })).allow, false);
  assertEquals((await attempt({ verb: "watch", token: "x" })).allow, false);
});

Deno.test("withRateLimit() does not take an allowed watch for a sign-in that worked", async () => {
  const { attempt } = trial();
  for (let i = 0; i < 10; i++) {
    await attempt({ password: "wrong" });
    await attempt({ verb: "watch", password: "wrong" });
  }
  assertEquals((await attempt({ password: "right" })).allow, false);
});

Deno.test("withRateLimit() waits by a timer of its own", async () => {
  const limiter = new LoginRateLimiter();
  for (let i = 0; i < 3; i++) limiter.failures.failed(NETWORK, "a");
  const authenticate = withRateLimit(
    () => Promise.resolve({ allow: true }),
    limiter,
  );
  const start = performance.now();
  await authenticate({
    verb: "broadcast",
    user: "a",
    channel: "b",
    remote: REMOTE,
    protocol: "http",
  });
  // A timer may fire a little early against the other clock.
  assertEquals(performance.now() - start > FIRST_DELAY_MS - 20, true);
});

const REQUEST: AuthRequest = {
  verb: "broadcast",
  user: "alice",
  channel: "default",
  password: "x",
  remote: REMOTE,
  protocol: "fstream2",
};

Deno.test("withRateLimit() counts the server's own faults as nothing, and passes them on", async () => {
  for (const code of ["busy", "server"] as const) {
    const limiter = new LoginRateLimiter();
    const fault = new Refusal(code, "sign-ins cannot be checked now");
    const authenticate = withRateLimit(() => Promise.reject(fault), limiter);
    for (let i = 0; i < 50; i++) {
      const error = await assertRejects(() => authenticate(REQUEST), Refusal);
      assertEquals(error, fault);
    }
    assertEquals(limiter.failures.size, 0);
  }
});

Deno.test("withRateLimit() counts an attempt that finds the hash queue full, and says that it is busy", async () => {
  const limiter = new LoginRateLimiter({ sleep: () => Promise.resolve() });
  const full = new HashQueueFullError(64);
  const authenticate = withRateLimit(() => Promise.reject(full), limiter);
  const attempts = Array.from(
    { length: REFUSE_FROM },
    () => assertRejects(() => authenticate(REQUEST), Refusal),
  );
  for (const error of await Promise.all(attempts)) {
    assertEquals(error.code, "busy");
  }
  assertEquals((await authenticate(REQUEST)).allow, false);
});

Deno.test("withRateLimit() is busy when too many attempts of the network wait", async () => {
  const limiter = new LoginRateLimiter({ maxWaiting: 0 });
  const { promise, resolve } = Promise.withResolvers<AuthDecision>();
  const authenticate = withRateLimit(() => promise, limiter);
  const held = Array.from({ length: REFUSE_FROM }, () => authenticate(REQUEST));
  const error = await assertRejects(() => authenticate(REQUEST), Refusal);
  assertEquals(error.code, "busy");
  resolve({ allow: true });
  await Promise.all(held);
  assertEquals(await authenticate(REQUEST), { allow: true });
});

Deno.test("withRateLimit() takes a watch for an attempt where the method looks at what it shows", async () => {
  const denying = () => Promise.resolve({ allow: false, reason: "x" } as const);
  const { password: _, ...bare } = REQUEST;
  const watch: AuthRequest = { ...bare, verb: "watch" };
  const cases = [
    { request: { ...watch, channelPassword: "x" }, attempts: 1 },
    { request: { ...watch, password: "x" }, attempts: 1 },
    { request: { ...watch, channelPassword: "" }, attempts: 0 },
    { request: watch, attempts: 0 },
  ];
  for (const { request, attempts } of cases) {
    const [looking, other] = [new LoginRateLimiter(), new LoginRateLimiter()];
    await withRateLimit(denying, looking)(request);
    await withRateLimit(denying, other, isSignIn)(request);
    assertEquals(looking.failures.count(NETWORK), attempts);
    assertEquals(other.failures.size, 0);
  }
});
