import { assert, assertEquals, assertRejects } from "@std/assert";
import type { AuthRequest } from "../../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../../lib/auth/methods/password.ts";
import {
  credentialDigest,
  HashQueueFullError,
  PasswordCheck,
} from "../../../lib/auth/passwords/password_check.ts";
import type { PasswordHash } from "../../../lib/auth/passwords/password_hash.ts";
import {
  type UserEntry,
  UserFileError,
} from "../../../lib/auth/users/user_file.ts";
import { Refusal } from "../../../lib/errors.ts";

const HASH: PasswordHash = {
  iterations: 1000,
  salt: new Uint8Array(16),
  key: new Uint8Array(32),
};

const SETTINGS = { values: new Map(), channels: new Map() };

const ENTRIES: Readonly<Record<string, UserEntry>> = {
  plain: { name: "plain", password: "right", settings: SETTINGS },
  hashed: { name: "hashed", passwordHash: HASH, settings: SETTINGS },
  unset: { name: "unset", settings: SETTINGS },
};

const USERS = {
  lookup: (name: string): Promise<UserEntry | undefined> =>
    name === "broken"
      ? Promise.reject(new UserFileError("users/broken.ini", "line 2: no ="))
      : Promise.resolve(ENTRIES[name]),
};

function request(user: string, password: string): AuthRequest {
  return {
    ...{ verb: "broadcast", user, channel: "default", password },
    ...{ remote: "192.0.2.1:5000", protocol: "fstream2" },
  };
}

/** A check that counts its hashes; the hash of "right" is the right one. */
class CountedHashes {
  count = 0;
  readonly check = new PasswordCheck({
    matches: (password, hash) => {
      this.count++;
      return Promise.resolve(password === "right" && hash === HASH);
    },
  });
}

for (const user of ["plain", "hashed", "unset", "broken", "nobody"]) {
  for (const password of ["right", "wrong", ""]) {
    const allow = password === "right" && ["plain", "hashed"].includes(user);
    Deno.test(`passwordMethod() computes one hash for ${user} with "${password}"`, async () => {
      const hashes = new CountedHashes();
      const method = passwordMethod(USERS, hashes.check);
      const decision = await method(request(user, password));
      assertEquals(decision?.allow, allow);
      assertEquals(hashes.count, 1);
    });
    Deno.test(`passwordMethod() is busy when the hash queue is full, for ${user} with "${password}" too`, async () => {
      const check = new PasswordCheck({ atOnce: 0, maxWaiting: 0 });
      const method = passwordMethod(USERS, check);
      await assertRejects(
        async () => await method(request(user, password)),
        HashQueueFullError,
      );
    });
  }
}

Deno.test("passwordMethod() computes no hash for a right password that it remembers, plain or hashed", async () => {
  const hashes = new CountedHashes();
  const method = passwordMethod(USERS, hashes.check);
  for (const user of ["plain", "hashed"]) {
    for (let i = 0; i < 5; i++) {
      assert((await method(request(user, "right")))?.allow);
    }
  }
  assertEquals(hashes.count, 2);
});

Deno.test("passwordMethod() gives a digest of the password, which changes with it", async () => {
  const { check } = new CountedHashes();
  const decision = await passwordMethod(USERS, check)(
    request("plain", "right"),
  );
  assert(decision?.allow);
  const { credentials } = decision;
  assertEquals(credentials, await credentialDigest("plain", "right"));
  const others = [
    await credentialDigest("plain", "other"),
    await credentialDigest("other", "right"),
    await credentialDigest("plain", HASH),
    await credentialDigest("plain", undefined),
  ];
  assertEquals(new Set([credentials, ...others]).size, 5);
  assert(!credentials!.includes("right"));
});

// What looking a user up may throw, and what the peer is told.
const FAULTS = [
  ["EMFILE", "busy"],
  ["ENFILE", "busy"],
  ["EIO", "server"],
  [undefined, "server"],
] as const;

for (const [code, told] of FAULTS) {
  Deno.test(`passwordMethod() answers ${told} when the lookup fails with ${code ?? "no code"}`, async () => {
    const fault = Object.assign(new Error("users/plain.ini"), { code });
    const users = { lookup: () => Promise.reject(fault) };
    const { check } = new CountedHashes();
    const error = await assertRejects(
      async () => await passwordMethod(users, check)(request("plain", "right")),
      Refusal,
    );
    assertEquals([error.code, error.detail], [told, "users/plain.ini"]);
    assertEquals(error.message, "sign-ins cannot be checked now");
  });
}
