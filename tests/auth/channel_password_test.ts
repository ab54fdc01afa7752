import { assert, assertEquals, assertRejects } from "@std/assert";
import type { AuthDecision } from "../../lib/auth/authenticate.ts";
import {
  type ChannelPasswordAttempt,
  checkChannelPassword,
} from "../../lib/auth/channel_password.ts";
import {
  REFUSE_FROM,
  REFUSE_MS,
} from "../../lib/auth/rate_limit/failed_attempts.ts";
import { LoginRateLimiter } from "../../lib/auth/rate_limit/login_rate_limiter.ts";
import { Refusal } from "../../lib/errors.ts";

const NETWORK = "192.0.2.1";

/** A channel with a password, its limiter with a clock that a test sets, and delays that pass at once. */
class Scene {
  ms = 0;
  slept = 0;
  readonly limiter = new LoginRateLimiter({
    now: () => this.ms,
    sleep: () => {
      this.slept++;
      return Promise.resolve();
    },
  });

  give(
    given: string | undefined,
    change: Partial<ChannelPasswordAttempt> = {},
  ): Promise<AuthDecision> {
    return checkChannelPassword(this.limiter, {
      remote: `${NETWORK}:5000`,
      user: "fier",
      channel: "hall",
      given,
      expected: "right",
      ...change,
    });
  }
}

/** How many decisions there are of each reason; allowed ones have none. */
function reasons(decisions: readonly AuthDecision[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const decision of decisions) {
    const reason = decision.allow ? "allowed" : decision.reason;
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

Deno.test("checkChannelPassword() compares ten of 732 wrong passwords at once, and not the right one behind them", async () => {
  const scene = new Scene();
  const guesses = Array.from({ length: 732 }, (_, i) => scene.give(`x${i}`));
  const decisions = await Promise.all([...guesses, scene.give("right")]);
  assertEquals(reasons(decisions), {
    "the channel password is wrong": REFUSE_FROM,
    "too many failed sign-ins from 192.0.2.1": 723,
  });
  scene.ms = REFUSE_MS;
  assertEquals(await scene.give("right"), { allow: true });
});

Deno.test("checkChannelPassword() lets a thousand watchers behind one address in at once, without a delay", async () => {
  const scene = new Scene();
  const decisions = await Promise.all(
    Array.from({ length: 1000 }, () => scene.give("right")),
  );
  assertEquals(reasons(decisions), { allowed: 1000 });
  assertEquals(scene.slept, 0);
});

Deno.test("checkChannelPassword() gives the slot of a right password back within one turn of the event loop", async () => {
  const scene = new Scene();
  let turned = false;
  const turn = new Promise<void>((resolve) =>
    setTimeout(() => {
      turned = true;
      resolve();
    }, 0)
  );
  await Promise.all(Array.from({ length: 1000 }, () => scene.give("right")));
  assert(!turned);
  await turn;
});

Deno.test("checkChannelPassword() asks the limiter neither for an open channel nor for a watcher without a password", async () => {
  const scene = new Scene();
  for (let i = 0; i < REFUSE_FROM; i++) await scene.give("wrong");
  assert(scene.limiter.failures.refused(NETWORK));
  for (const given of [undefined, "", "left over"]) {
    const open = await scene.give(given, { expected: "" });
    assertEquals(open, { allow: true });
  }
  const fresh = new Scene();
  for (const asked of [scene, fresh]) {
    for (const given of new Array(50).fill([undefined, ""]).flat()) {
      const reason = "no channel password was given";
      assertEquals(await asked.give(given), { allow: false, reason });
    }
  }
  assertEquals(fresh.limiter.failures.size, 0);
});

Deno.test("checkChannelPassword() forgets a viewer's typing errors once the password was right", async () => {
  const scene = new Scene();
  for (let i = 0; i < 4; i++) await scene.give("wrong");
  assertEquals(await scene.give("right"), { allow: true });
  assertEquals(scene.limiter.failures.count(NETWORK), 0);
});

Deno.test("checkChannelPassword() does not let one channel's password pardon guesses at another's, nor at the user's", async () => {
  const scene = new Scene();
  const { failures } = scene.limiter;
  failures.failed(NETWORK, "fier");
  await scene.give("wrong", { channel: "yard" });
  await scene.give("wrong", { user: "other" });
  await scene.give("right");
  assertEquals(failures.count(NETWORK), 3);
});

Deno.test("checkChannelPassword() counts together with sign-ins", async () => {
  const scene = new Scene();
  const { failures } = scene.limiter;
  for (let i = 0; i < REFUSE_FROM; i++) failures.failed(NETWORK, "fier");
  assertEquals((await scene.give("right")).allow, false);
  const elsewhere = { remote: "192.0.2.2:1" };
  assertEquals((await scene.give("right", elsewhere)).allow, true);
});

Deno.test("checkChannelPassword() is busy when too many attempts of the network wait", async () => {
  const limiter = new LoginRateLimiter({ maxWaiting: 0 });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const remote = `${NETWORK}:1`;
  const held = Array.from(
    { length: REFUSE_FROM },
    () => limiter.guard({ remote, target: "x" }, () => promise),
  );
  const attempt = { remote, user: "fier", channel: "hall", given: "right" };
  const error = await assertRejects(
    () => checkChannelPassword(limiter, { ...attempt, expected: "right" }),
    Refusal,
  );
  assertEquals(error.code, "busy");
  resolve(true);
  await Promise.all(held);
});
