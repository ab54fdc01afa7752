import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type AuthDecision,
  type AuthMethod,
  type AuthRequest,
  composeMethods,
  refusal,
} from "../../lib/auth/auth.ts";
import { passwordMethod } from "../../lib/auth/password.ts";
import { tokenMethod, TokenStore } from "../../lib/auth/token.ts";
import { UsersFolder } from "../../lib/auth/users.ts";
import { withFolder } from "./folder.ts";

const DOORS = ["tcp1", "tcp2", "http"];

const FILES = {
  "alice.ini": "[DEFAULT]\npassword=a;b#c=d\nhold=3\n",
  "bob.ini": "[DEFAULT]\npassword=bobs\n",
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
      passwordMethod(users),
    ]);
    const alices = tokens.issue("alice").token;
    const bobs = tokens.issue("bob").token;
    const token = change.token?.replace("ALICE'S", alices).replace(
      "BOB'S",
      bobs,
    );
    const request: AuthRequest = {
      verb: "broadcast",
      user: "alice",
      channel: "default",
      remote: "192.0.2.1:5000",
      door: "tcp2",
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
  for (const door of DOORS) {
    for (const [change, reason] of WRONG) {
      Deno.test(`composeMethods() refuses to ${verb} over ${door} with ${JSON.stringify(change)}`, async () => {
        const decision = await decide({ ...change, verb, door });
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

for (const door of DOORS) {
  for (const change of WRONG_TOKENS) {
    Deno.test(`composeMethods() refuses over ${door} a token that does not fit: ${JSON.stringify(change)}`, async () => {
      assertEquals((await decide({ ...change, door })).allow, false);
    });
  }
}

const RIGHT: readonly Change[] = [
  { verb: "broadcast", password: "a;b#c=d" },
  { verb: "broadcast", token: "ALICE'S" },
  { verb: "broadcast", token: "wrong", password: "a;b#c=d" },
  { verb: "token", password: "a;b#c=d" },
];

for (const door of DOORS) {
  for (const change of RIGHT) {
    Deno.test(`composeMethods() allows over ${door} with the user's rights: ${JSON.stringify(change)}`, async () => {
      const decision = await decide({ ...change, door });
      assert(decision.allow);
      assertEquals(decision.rights?.values, new Map([["hold", "3"]]));
    });
  }
  Deno.test(`composeMethods() allows over ${door} everybody to watch`, async () => {
    for (const user of ["alice", "nobody", "mute", "broken"]) {
      const decision = await decide({ verb: "watch", user, door });
      assertEquals(decision, { allow: true });
    }
  });
}

Deno.test("composeMethods() refuses to watch by a name that is none", async () => {
  for (const user of ["../alice", "", "con", "a\0"]) {
    assertEquals((await decide({ verb: "watch", user })).allow, false, user);
  }
});

const REQUEST: AuthRequest = {
  verb: "watch",
  user: "alice",
  channel: "default",
  remote: "192.0.2.1:5000",
  door: "http",
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
    method("b", refusal("by b")),
    method("c", { allow: true }),
  ]);
  assertEquals(await authenticate(REQUEST), refusal("by b"));
  assertEquals(asked, ["a", "b"]);
});

Deno.test("composeMethods() refuses what nobody decides", async () => {
  const undecided: AuthMethod = () => Promise.resolve(undefined);
  for (const methods of [[], [undecided]]) {
    const decision = await composeMethods(methods)(REQUEST);
    assertEquals(decision.allow, false);
  }
});

Deno.test("composeMethods() refuses when a method fails, and asks no further one", async () => {
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
    assertEquals(await authenticate(REQUEST), refusal("boom"));
  }
});

Deno.test("composeMethods() touches no file for a name that is none", async () => {
  let lookups = 0;
  const users = {
    lookup: () => {
      lookups++;
      return Promise.resolve(undefined);
    },
  };
  const methods = [tokenMethod(new TokenStore(), users), passwordMethod(users)];
  const authenticate = composeMethods(methods);
  for (const user of ["../x", "a/b", "nul", ".x"]) {
    await authenticate({ ...REQUEST, verb: "broadcast", user, token: "t" });
    await authenticate({ ...REQUEST, verb: "token", user, password: "p" });
  }
  assertEquals(lookups, 0);
});

Deno.test("passwordMethod() takes about as long for nobody as for a wrong password", async () => {
  const settings = { values: new Map(), channels: new Map() };
  const users = {
    lookup: (name: string) =>
      Promise.resolve(
        name === "alice" ? { name, password: "p", settings } : undefined,
      ),
  };
  const method = passwordMethod(users);
  async function time(user: string): Promise<number> {
    const start = performance.now();
    for (let i = 0; i < 200; i++) {
      await method({ ...REQUEST, verb: "broadcast", user, password: "x" });
    }
    return performance.now() - start;
  }
  // The best of several rounds each, taken in turns, as other work runs on the machine.
  let nobody = Infinity;
  let known = Infinity;
  for (let i = 0; i < 20; i++) {
    nobody = Math.min(nobody, await time("nobody"));
    known = Math.min(known, await time("alice"));
  }
  // Without the compare with a dummy the ratio is far below a fifth.
  assert(nobody > known / 2 && nobody < known * 2, `${nobody} ${known}`);
});
