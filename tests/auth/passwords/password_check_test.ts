import { assert, assertEquals, assertRejects } from "@std/assert";
import { PasswordCheck } from "../../../lib/auth/passwords/password_check.ts";
import {
  HASH_ITERATIONS,
  type PasswordHash,
} from "../../../lib/auth/passwords/password_hash.ts";
import { Refusal } from "../../../lib/errors.ts";

const HASH: PasswordHash = {
  iterations: 1000,
  salt: new Uint8Array(16),
  key: new Uint8Array(32),
};

/** Answers that a test gives when it wants; "right" is the right password. */
class Hashing {
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];

  readonly matches = (password: string): Promise<boolean> => {
    this.asked.push(password);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#answers.push(() => resolve(password === "right"));
    return promise;
  };

  /** Waits until `count` have been asked for. */
  async reached(count: number): Promise<void> {
    while (this.asked.length < count) await nextTurn();
  }

  /** Answers all that is asked, and what is asked thereupon. */
  async answerAll(): Promise<void> {
    while (this.#answers.length > 0) {
      this.#answers.shift()!();
      await nextTurn();
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("PasswordCheck computes a right password once, a wrong one each time", async () => {
  const { asked, matches } = new Hashing();
  const check = new PasswordCheck({
    matches: async (password) => {
      matches(password);
      return await Promise.resolve(password === "right");
    },
  });
  for (let i = 0; i < 3; i++) {
    assert(await check.verify("alice", "right", HASH));
    assert(!await check.verify("alice", "wrong", HASH));
  }
  assertEquals(asked, ["right", "wrong", "wrong", "wrong"]);
});

Deno.test("PasswordCheck forgets a password with its hash, and knows it of one user only", async () => {
  const hashing = new Hashing();
  const check = new PasswordCheck({ matches: hashing.matches, atOnce: 5 });
  const others: readonly PasswordHash[] = [
    { ...HASH, iterations: 1001 },
    { ...HASH, salt: new Uint8Array(16).fill(1) },
    { ...HASH, key: new Uint8Array(32).fill(1) },
  ];
  const answers = [HASH, ...others].map((hash) =>
    check.verify("alice", "right", hash)
  );
  answers.push(check.verify("bob", "right", HASH));
  await hashing.reached(5);
  await hashing.answerAll();
  assertEquals(await Promise.all(answers), new Array(5).fill(true));
  assertEquals(hashing.asked.length, 5);
});

Deno.test("PasswordCheck computes for a burst of equal sign-ins once", async () => {
  const hashing = new Hashing();
  const check = new PasswordCheck({ matches: hashing.matches, maxWaiting: 0 });
  const burst = Array.from(
    { length: 100 },
    () => check.verify("alice", "right", HASH),
  );
  await hashing.reached(1);
  await hashing.answerAll();
  assertEquals(await Promise.all(burst), new Array(100).fill(true));
  assertEquals(hashing.asked.length, 1);
});

Deno.test("PasswordCheck computes a few at a time, lets a few wait and puts the others off", async () => {
  const hashing = new Hashing();
  const check = new PasswordCheck({
    matches: hashing.matches,
    atOnce: 2,
    maxWaiting: 3,
  });
  const waiting = ["a", "b", "c", "d", "e"].map((text) =>
    check.verify("nobody", text, undefined)
  );
  await hashing.reached(2);
  while (check.waiting < 3) await nextTurn();
  assertEquals(hashing.asked.length, 2);
  const late = [
    () => check.verify("alice", "right", HASH),
    () => check.verify("nobody", "x", undefined),
  ];
  for (const ask of late) {
    assertEquals((await assertRejects(ask, Refusal)).code, "busy");
  }
  await hashing.answerAll();
  await Promise.all(waiting);
  assertEquals(hashing.asked.toSorted(), ["a", "b", "c", "d", "e"]);
  const next = check.verify("alice", "right", HASH);
  await hashing.reached(6);
  await hashing.answerAll();
  assert(await next);
});

Deno.test("PasswordCheck continues after a failure", async () => {
  let calls = 0;
  const check = new PasswordCheck({
    atOnce: 1,
    matches: () =>
      ++calls === 1 ? Promise.reject(new Error("boom")) : Promise.resolve(true),
  });
  const first = () => check.verify("alice", "right", HASH);
  await assertRejects(first, Error, "boom");
  assert(await check.verify("alice", "right", HASH));
});

Deno.test("PasswordCheck remembers a bounded number, and forgets the one not shown for longest", async () => {
  const asked: string[] = [];
  const check = new PasswordCheck({
    maxRemembered: 2,
    matches: (password) => {
      asked.push(password);
      return Promise.resolve(true);
    },
  });
  for (const password of ["a", "b", "a", "c", "a", "b"]) {
    await check.verify("alice", password, HASH);
  }
  assertEquals(asked, ["a", "b", "c", "b"]);
});

Deno.test("PasswordCheck leaves the event loop free while it computes", async () => {
  const check = new PasswordCheck({ dummyIterations: 4 * HASH_ITERATIONS });
  let done = false;
  const spent = check.verify("nobody", "x", undefined).then(() => done = true);
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  // Computed on the event loop it would be over before the first turn.
  assert(!done);
  await spent;
});
