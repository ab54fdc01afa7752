import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  type AuthDecision,
  type AuthMethod,
  type AuthRequest,
  composeMethods,
  denied,
  type Protocol,
} from "../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../lib/auth/methods/password.ts";
import {
  credentialDigest as digestOf,
  PasswordCheck,
} from "../../lib/auth/passwords/password_check.ts";
import {
  formatPasswordHash,
  hashPassword,
  MIN_HASH_ITERATIONS,
} from "../../lib/auth/passwords/password_hash.ts";
import { tokenMethod } from "../../lib/auth/methods/token.ts";
import { TokenStore } from "../../lib/auth/token_store.ts";
import { UsersFolder } from "../../lib/auth/users/users_folder.ts";
import { Refusal } from "../../lib/errors.ts";
import { withFolder } from "./folder.ts";

const PROTOCOLS: readonly Protocol[] = ["fstream1", "fstream2", "http"];

// Hundreds of wrong passwords, each as expensive as a sign-in with a hash, would make the tests wait.
const CHEAP = { dummyIterations: MIN_HASH_ITERATIONS };

const HASH = await hashPassword("a;b#c=d", MIN_HASH_ITERATIONS);

const FILES = {
  "alice.ini": "[DEFAULT]\npassword=a;b#c=d\nhold=3\n",
  "bob.ini": "[DEFAULT]\npassword=bobs\n",
  "hashed.ini": `[DEFAULT]\nhold=3\npassword_hash=${
    formatPasswordHash(HASH)
  }\n`,
  "mute.ini": "[DEFAULT]\npassword=\n",
  "open.ini": "[DEFAULT]\n",
  "broken.ini": "[DEFAULT]\npassword\n",
};

type Change = Partial<AuthRequest>;

// Asks the built-in methods over a folder of users; alice and bob have tokens, "ALICE'S" and "BOB'S".
async function decide(change: Change): Promise<AuthDecision> {
  return await withFolder(FILES, async (dir) => {
    const users = new UsersFolder(dir);
    const tokens = new TokenStore();
    const authenticate = composeMethods([
      tokenMethod(tokens, users),
      passwordMethod(users, new PasswordCheck(CHEAP)),
    ]);
    const alices = tokens.issue("alice", await digestOf("alice", "a;b#c=d"))
      .token;
    const bobs = tokens.issue("bob", await digestOf("bob", "bobs")).token;
    const token = change.token?.replace("ALICE'S", alices).replace(
      "BOB'S",
      bobs,
    );
    const request: AuthRequest = {
      verb: "broadcast",
      user: "alice",
      channel: "default",
      remote: "192.0.2.1:5000",
      protocol: "fstream2",
      ...change,
    };
    return await authenticate(
      token === undefined ? request : { ...request, token },
    );
  });
}

// Refused for broadcast and token alike, each with what the log says of it.
const WRONG: readonly (readonly [Change, string])[] = [
  [{}, "no password was given"],
  [{ password: "" }, "the password is wrong"],
  [{ password: "a" }, "the password is wrong"],
  [{ password: "a;b#c=d " }, "the password is wrong"],
  [{ password: "A;B#C=D" }, "the password is wrong"],
  [{ password: "bobs" }, "the password is wrong"],
  [{ user: "hashed", password: "a;b#c=d " }, "the password is wrong"],
  [{ user: "hashed", password: "" }, "the password is wrong"],
  [{ user: "hashed", password: formatPasswordHash(HASH) }, "is wrong"],
  [{ user: "hashed" }, "no password was given"],
  [{ user: "nobody", password: "a;b#c=d" }, "there is no such user"],
  [{ user: "nobody", password: "" }, "there is no such user"],
  [{ user: "ALICE", password: "a;b#c=d" }, "there is no such user"],
  [{ user: "mute", password: "" }, "sets no password"],
  [{ user: "mute", password: "x" }, "sets no password"],
  [{ user: "mute" }, "sets no password"],
  [{ user: "open", password: "" }, "sets no password"],
  [{ user: "open", password: "undefined" }, "sets no password"],
  [{ user: "broken", password: "" }, "broken.ini: line 2: no = or :"],
  [{ user: "../alice", password: "a;b#c=d" }, "the user's name begins with"],
  [{ user: "alice\0", password: "a;b#c=d" }, "the user's name has a control"],
  [{ user: "", password: "a;b#c=d" }, "the user's name is empty"],
  [
    { channel: "a\nb", password: "a;b#c=d" },
    "the channel's name has a control",
  ],
  [{ channel: "", password: "a;b#c=d" }, "the channel's name is empty"],
  [{ token: "wrong", password: "wrong" }, "the password is wrong"],
];

for (const verb of ["broadcast", "token"] as const) {
  for (const protocol of PROTOCOLS) {
    for (const [change, reason] of WRONG) {
      Deno.test(`composeMethods() denies to ${verb} over ${protocol} with ${JSON.stringify(change)}`, async () => {
        const decision = await decide({ ...change, verb, protocol });
        assert(!decision.allow);
        assertStringIncludes(decision.reason, reason);
      });
    }
  }
}

const WRONG_TOKENS: readonly Change[] = [
  { verb: "broadcast", token: "" },
  { verb: "broadcast", token: "wrong" },
  { verb: "broadcast", token: "BOB'S" },
  { verb: "broadcast", token: "ALICE'S ", user: "bob" },
  { verb: "broadcast", token: "ALICE'S", user: "nobody" },
  { verb: "broadcast", token: "ALICE'S", user: "broken" },
  { verb: "broadcast", token: "a;b#c=d" },
  { verb: "broadcast", password: "ALICE'S" },
  // A token is no way to the next one, or it would hold for ever.
  { verb: "token", token: "ALICE'S" },
];

for (const protocol of PROTOCOLS) {
  for (const change of WRONG_TOKENS) {
    Deno.test(`composeMethods() denies over ${protocol} a token that does not fit: ${JSON.stringify(change)}`, async () => {
      assertEquals((await decide({ ...change, protocol })).allow, false);
    });
  }
}

const RIGHT: readonly Change[] = [
  { verb: "broadcast", password: "a;b#c=d" },
  { verb: "broadcast", token: "ALICE'S" },
  { verb: "broadcast", token: "wrong", password: "a;b#c=d" },
  { verb: "token", password: "a;b#c=d" },
  { verb: "broadcast", user: "hashed", password: "a;b#c=d" },
  { verb: "token", user: "hashed", password: "a;b#c=d" },
];

for (const protocol of PROTOCOLS) {
  for (const change of RIGHT) {
    Deno.test(`composeMethods() allows over ${protocol} with the user's settings: ${JSON.stringify(change)}`, async () => {
      const decision = await decide({ ...change, protocol });
      assert(decision.allow);
      assertEquals(decision.settings?.values, new Map([["hold", "3"]]));
    });
  }
  Deno.test(`composeMethods() allows over ${protocol} everybody to watch`, async () => {
    for (const user of ["alice", "nobody", "mute", "broken"]) {
      const decision = await decide({ verb: "watch", user, protocol });
      assertEquals(decision, { allow: true });
    }
  });
}

Deno.test("composeMethods() denies to watch by an invalid name", async () => {
  for (const user of ["../alice", "", "con", "a\0"]) {
    assertEquals((await decide({ verb: "watch", user })).allow, false, user);
  }
});

const REQUEST: AuthRequest = {
  verb: "watch",
  user: "alice",
  channel: "default",
  remote: "192.0.2.1:5000",
  protocol: "http",
};

Deno.test("composeMethods() asks in order and stops at the first decision", async () => {
  const asked: string[] = [];
  function method(name: string, decision?: AuthDecision): AuthMethod {
    return () => {
      asked.push(name);
      return Promise.resolve(decision);
    };
  }
  const authenticate = composeMethods([
    method("a"),
    method("b", denied("by b")),
    method("c", { allow: true }),
  ]);
  assertEquals(await authenticate(REQUEST), denied("by b"));
  assertEquals(asked, ["a", "b"]);
});

Deno.test("composeMethods() denies what no method decides", async () => {
  const undecided: AuthMethod = () => Promise.resolve(undefined);
  for (const methods of [[], [undecided]]) {
    const decision = await composeMethods(methods)(REQUEST);
    assertEquals(decision.allow, false);
  }
});

Deno.test("composeMethods() answers `server` when a method fails, tells the reason to the log alone, and asks no further one", async () => {
  const failing: readonly AuthMethod[] = [
    () => Promise.reject(new Error("boom")),
    () => {
      throw new Error("boom");
    },
    () => Promise.reject("boom"),
  ];
  const allowing: AuthMethod = () => Promise.resolve({ allow: true });
  for (const method of failing) {
    const authenticate = composeMethods([method, allowing]);
    const error = await assertRejects(() => authenticate(REQUEST), Refusal);
    assertEquals([error.code, error.detail], ["server", "boom"]);
    assertEquals(error.message, "sign-ins cannot be checked now");
  }
});

Deno.test("composeMethods() touches no file for an invalid name", async () => {
  let lookups = 0;
  const users = {
    lookup: () => {
      lookups++;
      return Promise.resolve(undefined);
    },
  };
  const methods = [
    tokenMethod(new TokenStore(), users),
    passwordMethod(users, new PasswordCheck(CHEAP)),
  ];
  const authenticate = composeMethods(methods);
  for (const user of ["../x", "a/b", "nul", ".x"]) {
    await authenticate({ ...REQUEST, verb: "broadcast", user, token: "t" });
    await authenticate({ ...REQUEST, verb: "token", user, password: "p" });
  }
  assertEquals(lookups, 0);
});

Deno.test("composeMethods() rejects with what says nothing of the request", async () => {
  const busy = new Refusal("busy", "too many sign-ins at once");
  const authenticate = composeMethods([() => Promise.reject(busy)]);
  const error = await assertRejects(() => authenticate(REQUEST), Refusal);
  assertEquals(error, busy);
});
