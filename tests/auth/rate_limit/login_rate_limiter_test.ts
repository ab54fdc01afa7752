import { assertEquals } from "@std/assert";
import type {
  AuthDecision,
  AuthRequest,
} from "../../../lib/auth/authenticate.ts";
import { networkOf } from "../../../lib/net/network.ts";
import {
  BRAKE_DELAY_FROM,
  BRAKE_FIRST_DELAY_MS,
  BRAKE_FORGET_MS,
  BRAKE_MAX_DELAY_MS,
  BRAKE_REFUSE_FROM,
  BRAKE_REFUSE_MS,
  MAX_BRAKED_ADDRESSES,
  SignInBrake,
  withBrake,
} from "../../../lib/auth/rate_limit/login_rate_limiter.ts";

const REMOTE = "192.0.2.1:5000";

class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

function failTimes(brake: SignInBrake, times: number, user = "alice"): void {
  for (let i = 0; i < times; i++) brake.failed(REMOTE, user);
}

const NETWORKS: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:5000", "192.0.2.1"],
  ["[::ffff:192.0.2.1]:5000", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"],
  ["[2001:DB8:1:2::1]:80", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8:0:0:ffff::", "2001:db8:0:0::/64"],
  ["1::2:3:4:5:6", "1:0:0:2::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["1:2::3:4:5:192.0.2.1", "1:2:0:3::/64"],
  ["[fe80::1%eth0]:80", "fe80:0:0:0::/64"],
  ["[::1]:80", "0:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["localhost:80", "localhost"],
  ["", ""],
];

for (const [address, network] of NETWORKS) {
  Deno.test(`networkOf() puts ${address || "no address"} into ${network || "none"}`, () => {
    assertEquals(networkOf(address), network);
  });
}

Deno.test("SignInBrake.delayMs() delays from the third failure, longer each time up to its cap", () => {
  const brake = new SignInBrake();
  const delays = [brake.delayMs(REMOTE)];
  for (let i = 0; i < BRAKE_REFUSE_FROM; i++) {
    failTimes(brake, 1);
    delays.push(brake.delayMs(REMOTE));
  }
  assertEquals(BRAKE_DELAY_FROM, 3);
  assertEquals(delays.slice(0, 6), [0, 0, 0, 250, 500, 1000]);
  assertEquals(delays[BRAKE_DELAY_FROM], BRAKE_FIRST_DELAY_MS);
  assertEquals(delays.at(-1), BRAKE_MAX_DELAY_MS);
});

Deno.test("SignInBrake.refused() refuses for a minute from the tenth failure", () => {
  const clock = new Clock();
  const brake = new SignInBrake(clock);
  failTimes(brake, 9);
  assertEquals(brake.refused(REMOTE), false);
  failTimes(brake, 1);
  assertEquals(brake.refused(REMOTE), true);
  assertEquals(BRAKE_REFUSE_MS, 60_000);
  clock.ms = BRAKE_REFUSE_MS - 1;
  assertEquals(brake.refused(REMOTE), true);
  clock.ms = BRAKE_REFUSE_MS;
  assertEquals(brake.refused(REMOTE), false);
});

Deno.test("SignInBrake.refused() refuses for another minute after each further failure", () => {
  const clock = new Clock();
  const brake = new SignInBrake(clock);
  failTimes(brake, 10);
  clock.ms = BRAKE_REFUSE_MS;
  failTimes(brake, 1);
  assertEquals(brake.refused(REMOTE), true);
});

Deno.test("SignInBrake counts by address whatever the port, and no other address", () => {
  const brake = new SignInBrake();
  for (let port = 1; port <= 10; port++) brake.failed(`192.0.2.1:${port}`, "a");
  assertEquals(brake.refused("192.0.2.1:9999"), true);
  assertEquals(brake.refused("[::ffff:192.0.2.1]:1"), true);
  assertEquals(brake.refused("192.0.2.2:1"), false);
  assertEquals(brake.delayMs("192.0.2.2:1"), 0);
});

Deno.test("SignInBrake counts IPv6 by /64", () => {
  const brake = new SignInBrake();
  for (let i = 1; i <= 10; i++) brake.failed(`[2001:db8:0:1::${i}]:80`, "a");
  assertEquals(brake.refused("[2001:db8:0:1:ffff::1]:80"), true);
  assertEquals(brake.refused("[2001:db8:0:2::1]:80"), false);
});

Deno.test("SignInBrake.succeeded() forgets the failures with that user", () => {
  const brake = new SignInBrake();
  failTimes(brake, 9);
  brake.succeeded(REMOTE, "alice");
  assertEquals(brake.delayMs(REMOTE), 0);
  assertEquals(brake.size, 0);
});

Deno.test("SignInBrake.succeeded() does not pardon tries at another's password", () => {
  const brake = new SignInBrake();
  for (let i = 0; i < 10; i++) {
    failTimes(brake, 1, "victim");
    brake.succeeded(REMOTE, "mallory");
  }
  assertEquals(brake.refused(REMOTE), true);
});

Deno.test("SignInBrake forgets an address that has not failed for ten minutes", () => {
  const clock = new Clock();
  const brake = new SignInBrake(clock);
  failTimes(brake, 9);
  clock.ms = BRAKE_FORGET_MS;
  assertEquals(brake.delayMs(REMOTE), 0);
  failTimes(brake, 1);
  assertEquals(brake.refused(REMOTE), false);
});

Deno.test("SignInBrake remembers a bounded number of addresses, the latest", () => {
  const brake = new SignInBrake();
  failTimes(brake, 3);
  for (let i = 0; i < MAX_BRAKED_ADDRESSES - 1; i++) {
    brake.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:1`, "a");
  }
  assertEquals(brake.delayMs(REMOTE), BRAKE_FIRST_DELAY_MS);
  brake.failed("198.51.100.1:1", "a");
  assertEquals(brake.size, MAX_BRAKED_ADDRESSES);
  assertEquals(brake.delayMs(REMOTE), 0);
});

interface Trial {
  readonly brake: SignInBrake;
  readonly slept: number[];
  readonly seen: AuthRequest[];
  attempt(change?: Partial<AuthRequest>): Promise<AuthDecision>;
}

// Whoever decides here knows one password, and lets everybody watch.
function trial(): Trial {
  const brake = new SignInBrake();
  const slept: number[] = [];
  const seen: AuthRequest[] = [];
  const authenticate = withBrake(
    (request) => {
      seen.push(request);
      const allow = request.verb === "watch" || request.password === "right";
      return Promise.resolve(allow ? { allow } : { allow, reason: "wrong" });
    },
    brake,
    (ms) => {
      slept.push(ms);
      return Promise.resolve();
    },
  );
  const request: AuthRequest = {
    verb: "broadcast",
    user: "alice",
    channel: "default",
    remote: REMOTE,
    door: "tcp1",
  };
  return {
    brake,
    slept,
    seen,
    attempt: (change) => authenticate({ ...request, ...change }),
  };
}

Deno.test("withBrake() delays and then refuses even the right password, unseen", async () => {
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

Deno.test("withBrake() lets the right password in before the tenth failure and forgets the rest", async () => {
  const { brake, attempt } = trial();
  for (let i = 0; i < 9; i++) await attempt({ password: "wrong" });
  assertEquals((await attempt({ password: "right" })).allow, true);
  assertEquals(brake.delayMs(REMOTE), 0);
});

Deno.test("withBrake() tells no more when many try at once", async () => {
  const { attempt } = trial();
  const tries = Array.from(
    { length: 50 },
    (_, i) => attempt({ password: i < 40 ? "wrong" : "right" }),
  );
  const allowed = (await Promise.all(tries)).filter(({ allow }) => allow);
  assertEquals(allowed.length, 0);
});

Deno.test("withBrake() lets many good sign-ins from one address in at once", async () => {
  const { attempt } = trial();
  const tries = Array.from(
    { length: 50 },
    () => attempt({ password: "right" }),
  );
  const allowed = (await Promise.all(tries)).filter(({ allow }) => allow);
  assertEquals(allowed.length, 50);
});

Deno.test("withBrake() lets watchers of a refused address pass, unless they show something", async () => {
  const { attempt } = trial();
  for (let i = 0; i < 10; i++) await attempt({ verb: "token" });
  assertEquals((await attempt({ verb: "watch" })).allow, true);
  assertEquals((await attempt({ verb: "watch", password: "x" })).allow, false);
  assertEquals((await attempt({ verb: "watch", token: "x" })).allow, false);
});

Deno.test("withBrake() does not take an allowed watch for a sign-in that worked", async () => {
  const { attempt } = trial();
  for (let i = 0; i < 10; i++) {
    await attempt({ password: "wrong" });
    await attempt({ verb: "watch", password: "wrong" });
  }
  assertEquals((await attempt({ password: "right" })).allow, false);
});

Deno.test("withBrake() waits by a timer of its own", async () => {
  const brake = new SignInBrake();
  failTimes(brake, 3);
  const authenticate = withBrake(() => Promise.resolve({ allow: true }), brake);
  const start = performance.now();
  await authenticate({
    verb: "broadcast",
    user: "a",
    channel: "b",
    remote: REMOTE,
    door: "http",
  });
  // A timer may fire a little early against the other clock.
  assertEquals(performance.now() - start > BRAKE_FIRST_DELAY_MS - 20, true);
});
