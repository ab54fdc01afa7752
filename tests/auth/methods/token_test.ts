import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import type { AuthRequest } from "../../../lib/auth/authenticate.ts";
import { tokenMethod } from "../../../lib/auth/methods/token.ts";
import { credentialDigest } from "../../../lib/auth/passwords/password_check.ts";
import {
  MAX_LIVE_TOKENS,
  TOKEN_LIFETIME_S,
  TokenStore,
} from "../../../lib/auth/token_store.ts";
import {
  type UserEntry,
  UserFileError,
} from "../../../lib/auth/users/user_file.ts";
import {
  hashPassword,
  MIN_HASH_ITERATIONS,
} from "../../../lib/auth/passwords/password_hash.ts";
import { Refusal } from "../../../lib/errors.ts";
import type { UserLookup } from "../../../lib/auth/users/users_folder.ts";

class Clock {
  ms = 0;
  readonly now = (): number => this.ms;
}

const SETTINGS = { values: new Map([["a", "b"]]), channels: new Map() };

const ALICE: UserLookup = {
  lookup(name): Promise<UserEntry | undefined> {
    const entry = { name, password: "p", settings: SETTINGS };
    return Promise.resolve(name === "alice" ? entry : undefined);
  },
};

/** The digest of the password that alice signs in with. */
const ALICES = await credentialDigest("alice", "p");

function request(change: Partial<AuthRequest>): AuthRequest {
  return {
    verb: "broadcast",
    user: "alice",
    channel: "default",
    remote: "192.0.2.1:5000",
    protocol: "fstream2",
    ...change,
  };
}

Deno.test("TokenStore.issue() gives 128 random bits or more, in plain digits", () => {
  const store = new TokenStore();
  const tokens = new Set<string>();
  for (let i = 0; i < 100; i++) {
    tokens.add(store.issue(`u${i}`, undefined).token);
  }
  assertEquals(tokens.size, 100);
  for (const token of tokens) assertMatch(token, /^[0-9a-f]{32,}$/);
  // Every digit of the token takes several values: none of it is fixed.
  const [first = ""] = tokens;
  for (let i = 0; i < first.length; i++) {
    assert(new Set([...tokens].map((token) => token.charAt(i))).size > 4);
  }
});

Deno.test("TokenStore.redeem() takes a token once", () => {
  const store = new TokenStore();
  const { token, expiresIn } = store.issue("alice", undefined);
  assertEquals(expiresIn, TOKEN_LIFETIME_S);
  assertEquals(store.redeem("alice", token, undefined), true);
  assertEquals(store.redeem("alice", token, undefined), false);
  assertEquals(store.size, 0);
});

Deno.test("TokenStore.redeem() binds a token to its user, and another's try does not void it", () => {
  const store = new TokenStore();
  const { token } = store.issue("alice", undefined);
  store.issue("bob", undefined);
  for (const user of ["bob", "carol", "", "Alice", "__proto__"]) {
    assertEquals(store.redeem(user, token, undefined), false, user);
  }
  assertEquals(store.redeem("alice", token, undefined), true);
});

Deno.test("TokenStore.redeem() refuses a wrong token and keeps the right one", () => {
  const store = new TokenStore();
  const { token } = store.issue("alice", undefined);
  const { token: other } = store.issue("bob", undefined);
  const wrong = ["", token.slice(1), token + "0", token.toUpperCase() + " "];
  for (const text of [...wrong, other]) {
    assertEquals(store.redeem("alice", text, undefined), false, text);
  }
  assertEquals(store.redeem("alice", token, undefined), true);
});

Deno.test("TokenStore.issue() voids the user's older token", () => {
  const store = new TokenStore();
  const older = store.issue("alice", undefined).token;
  const newer = store.issue("alice", undefined).token;
  assertNotEquals(older, newer);
  assertEquals(store.size, 1);
  assertEquals(store.redeem("alice", older, undefined), false);
  assertEquals(store.redeem("alice", newer, undefined), true);
});

Deno.test("TokenStore.redeem() refuses a token from the end of its lifetime on", () => {
  const clock = new Clock();
  const store = new TokenStore({ lifetime: 5, now: clock.now });
  const first = store.issue("alice", undefined);
  assertEquals(first.expiresIn, 5);
  clock.ms = 4999;
  assertEquals(store.redeem("alice", first.token, undefined), true);
  const second = store.issue("alice", undefined);
  clock.ms += 5000;
  assertEquals(store.redeem("alice", second.token, undefined), false);
});

Deno.test("TokenStore.issue() drops what has expired", () => {
  const clock = new Clock();
  const store = new TokenStore({ lifetime: 5, now: clock.now });
  for (let i = 0; i < 50; i++) store.issue(`u${i}`, undefined);
  clock.ms = 3000;
  const { token } = store.issue("later", undefined);
  assertEquals(store.size, 51);
  clock.ms = 5000;
  store.issue("alice", undefined);
  assertEquals(store.size, 2);
  assertEquals(store.redeem("later", token, undefined), true);
});

Deno.test("TokenStore.issue() drops the oldest beyond its cap", () => {
  const store = new TokenStore();
  const first = store.issue("u0", undefined).token;
  const second = store.issue("u1", undefined).token;
  for (let i = 2; i <= MAX_LIVE_TOKENS; i++) store.issue(`u${i}`, undefined);
  assertEquals(store.size, MAX_LIVE_TOKENS);
  assertEquals(store.redeem("u0", first, undefined), false);
  assertEquals(store.redeem("u1", second, undefined), true);
});

Deno.test("TokenStore.issue() renewing a token drops no other user's", () => {
  const store = new TokenStore({ maxTokens: 2 });
  const { token } = store.issue("alice", undefined);
  for (let i = 0; i < 5; i++) store.issue("bob", undefined);
  assertEquals(store.redeem("alice", token, undefined), true);
});

Deno.test("TokenStore.revoke() voids a token", () => {
  const store = new TokenStore();
  const { token } = store.issue("alice", undefined);
  store.revoke("alice");
  assertEquals(store.redeem("alice", token, undefined), false);
});

Deno.test("TokenStore rejects lifetimes and caps that are not above 0", () => {
  for (const value of [0, -1, NaN, Infinity]) {
    assertThrows(() => new TokenStore({ lifetime: value }), RangeError);
    assertThrows(() => new TokenStore({ maxTokens: value }), RangeError);
  }
});

Deno.test("tokenMethod() allows a broadcast with the user's settings", async () => {
  const store = new TokenStore();
  const method = tokenMethod(store, ALICE);
  const { token } = store.issue("alice", ALICES);
  const decision = await method(request({ token }));
  assertEquals(decision, { allow: true, settings: SETTINGS });
  const again = await method(request({ token }));
  assertEquals(again?.allow, false);
});

Deno.test("tokenMethod() needs no users when an operator's module has them", async () => {
  const store = new TokenStore();
  const { token } = store.issue("bob", undefined);
  const decision = await tokenMethod(store)(request({ user: "bob", token }));
  assertEquals(decision, { allow: true });
});

Deno.test("tokenMethod() leaves alone what is not its own, and the token with it", async () => {
  const store = new TokenStore();
  const method = tokenMethod(store, ALICE);
  const { token } = store.issue("alice", ALICES);
  const others: Partial<AuthRequest>[] = [
    { password: "p" },
    {},
    { verb: "watch", token },
    { verb: "token", token },
    { token: "wrong", password: "p" },
  ];
  for (const other of others) {
    assertEquals(await method(request(other)), undefined);
  }
  assertEquals(store.redeem("alice", token, ALICES), true);
});

Deno.test("tokenMethod() refuses the token of a user who is gone", async () => {
  const store = new TokenStore();
  const { token } = store.issue("bob", undefined);
  const method = tokenMethod(store, ALICE);
  const decision = await method(request({ user: "bob", token }));
  assertEquals(decision?.allow, false);
});

Deno.test("tokenMethod() does not use a token up when the user cannot be read", async () => {
  const store = new TokenStore();
  const { token } = store.issue("alice", ALICES);
  const error = new UserFileError("users/alice.ini", "line 3: broken");
  const broken: UserLookup = { lookup: () => Promise.reject(error) };
  const method = tokenMethod(store, broken);
  // A broken file is the user's, so it denies and does not fail.
  const decision = await method(request({ token }));
  assertEquals(decision, { allow: false, reason: error.message });
  assertEquals(store.redeem("alice", token, ALICES), true);
});

Deno.test("tokenMethod() does not use a token up when the server cannot look, and says so", async () => {
  const store = new TokenStore();
  const { token } = store.issue("alice", ALICES);
  const error = Object.assign(new Error("Too many open files"), {
    code: "EMFILE",
  });
  const failing: UserLookup = { lookup: () => Promise.reject(error) };
  const method = tokenMethod(store, failing);
  const caught = await assertRejects(() => method(request({ token })), Refusal);
  assertEquals([caught.code, caught.detail], ["busy", "Too many open files"]);
  assertEquals(store.redeem("alice", token, ALICES), true);
});

Deno.test("tokenMethod() denies a token once its user's password has changed", async () => {
  const hash = await hashPassword("p", MIN_HASH_ITERATIONS);
  const changed: readonly Partial<UserEntry>[] = [
    { password: "q" },
    { passwordHash: hash },
    {},
  ];
  for (const entry of changed) {
    const store = new TokenStore();
    const { token } = store.issue("alice", ALICES);
    const users: UserLookup = {
      lookup: (name) => Promise.resolve({ name, settings: SETTINGS, ...entry }),
    };
    const decision = await tokenMethod(store, users)(request({ token }));
    assertEquals(decision?.allow, false);
    // The password's return does not bring it back.
    const again = await tokenMethod(store, ALICE)(request({ token }));
    assertEquals(again?.allow, false);
  }
});
