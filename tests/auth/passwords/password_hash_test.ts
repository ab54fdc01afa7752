import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  formatPasswordHash,
  HASH_ITERATIONS,
  hashPassword,
  matchesHash,
  MAX_HASH_ITERATIONS,
  MIN_HASH_ITERATIONS,
  parsePasswordHash,
} from "../../../lib/auth/passwords/password_hash.ts";

/** Made by another program: python3's hashlib.pbkdf2_hmac("sha256", password, salt, 1000). */
const KNOWN = [
  [
    "123",
    "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$beg4K2OZVU5imHlhoVQdK0T3o3n17TifE3QgzhO7CCw",
  ],
  [
    "größer, ; # =",
    "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$1Yx5CrotLzEjkhbmxpFvV3S92I8u3HNJA/4WQEMqk5A",
  ],
] as const;

const KEY = "A".repeat(43);

Deno.test("matchesHash() agrees with another program's hashes", async () => {
  for (const [password, text] of KNOWN) {
    const hash = parsePasswordHash(text);
    assertEquals(formatPasswordHash(hash), text);
    assert(await matchesHash(password, hash), password);
    assert(!await matchesHash(`${password} `, hash), password);
    assert(!await matchesHash("", hash), password);
  }
});

Deno.test("hashPassword() makes what matchesHash() knows again, each time another", async () => {
  for (const password of ["", "123", "ü".repeat(2048)]) {
    const [a, b] = [
      formatPasswordHash(await hashPassword(password, MIN_HASH_ITERATIONS)),
      formatPasswordHash(await hashPassword(password, MIN_HASH_ITERATIONS)),
    ];
    assert(a !== b);
    assert(!/[\s,]/.test(a), a);
    assert(await matchesHash(password, parsePasswordHash(a)));
    assert(!await matchesHash(`${password}x`, parsePasswordHash(a)));
  }
});

Deno.test("hashPassword() takes as many rounds as is advised", async () => {
  assertEquals((await hashPassword("123")).iterations, HASH_ITERATIONS);
  assert(HASH_ITERATIONS >= 600_000);
});

const BAD: readonly (readonly [string, string])[] = [
  ["", "is not of the form"],
  ["123", "is not of the form"],
  [`$argon2id$i=1000$AAAAAAAAAAA$${KEY}`, "is not of the form"],
  [`$pbkdf2-sha256$i=1e6$AAAAAAAAAAA$${KEY}`, "is not of the form"],
  [`$pbkdf2-sha256$i=1000$AAAAAAAAAAA$${KEY}=`, "is not of the form"],
  [`$pbkdf2-sha256$i=1000$AAAAAAAAAAA$${KEY}$x`, "is not of the form"],
  [`$pbkdf2-sha256$i=${MIN_HASH_ITERATIONS - 1}$AAAAAAAAAAA$${KEY}`, "rounds"],
  [`$pbkdf2-sha256$i=${MAX_HASH_ITERATIONS + 1}$AAAAAAAAAAA$${KEY}`, "rounds"],
  [`$pbkdf2-sha256$i=1000$AAAAAAAAAA$${KEY}`, "a salt of 7 bytes"],
  [`$pbkdf2-sha256$i=1000$${"A".repeat(66)}$${KEY}`, "a salt of 49 bytes"],
  [`$pbkdf2-sha256$i=1000$AAAAA-AAAAA$${KEY}`, "a salt that is not base64"],
  [`$pbkdf2-sha256$i=1000$AAAAAAAAAAA$${"A".repeat(44)}`, "a key of 33 bytes"],
  [`$pbkdf2-sha256$i=1000$AAAAAAAAAAA$AAAA`, "a key of 3 bytes; 32 are"],
];

Deno.test("parsePasswordHash() rejects what is not a hash, and never quotes it", () => {
  for (const [text, problem] of BAD) {
    const error = assertThrows(() => parsePasswordHash(text), SyntaxError);
    assert(error.message.includes(problem), `${text}: ${error.message}`);
    assert(!error.message.includes(KEY), error.message);
  }
});
