import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LinkStore, MAX_LINKS_PER_USER } from "../../lib/auth/link_store.ts";
import { Refusal } from "../../lib/errors.ts";

/** A store with a clock that a test sets. */
function store(): { links: LinkStore; clock: { now: number } } {
  const clock = { now: 1000 };
  return { links: new LinkStore(() => clock.now), clock };
}

Deno.test("LinkStore.use() lets in with the token of that channel, again and again, and counts", () => {
  const { links, clock } = store();
  const { token, id } = links.create("fier", "hall", 60);
  assertMatch(token, /^link-[0-9a-f]{12}-[0-9a-f]{48}$/);
  assert(links.use("fier", "hall", token));
  clock.now += 500;
  assert(links.use("fier", "hall", token));
  const [link] = links.of("fier");
  assertEquals([link!.uses, link!.lastUsed], [2, 1500]);
  assertEquals("secret" in link!, false, "the secret is told once");
  assertEquals(links.find(id)!.expires, 61_000);
});

Deno.test("LinkStore.use() lets nobody in with anything else", () => {
  const { links } = store();
  const { token } = links.create("fier", "hall", 60);
  const other = links.create("fier", "yard", 60).token;
  const wrong = [
    ...["", "link-", token.slice(0, -1), `${token}0`, token.toUpperCase()],
    token.replace(/.$/, (digit) => digit === "0" ? "1" : "0"),
    token.slice(0, 18) + other.slice(18),
    other,
    `link-${"0".repeat(12)}-${"0".repeat(48)}`,
  ];
  for (const given of wrong) assert(!links.use("fier", "hall", given), given);
  assert(!links.use("fier", "yard", token));
  assert(!links.use("other", "hall", token));
  assertEquals(links.of().map(({ uses }) => uses), [0, 0]);
});

Deno.test("LinkStore.use() ends with the link's time, and when it is revoked", () => {
  const { links, clock } = store();
  const short = links.create("fier", "hall", 60);
  const long = links.create("fier", "hall", 120);
  clock.now += 59_999;
  assert(links.use("fier", "hall", short.token));
  clock.now++;
  assert(!links.use("fier", "hall", short.token));
  assertEquals(links.of().map(({ id }) => id), [long.id]);
  links.revoke(long.id);
  assert(!links.use("fier", "hall", long.token));
  assertEquals([links.find(long.id), links.of()], [undefined, []]);
});

Deno.test("LinkStore.create() bounds the links of a user, not of others", () => {
  const { links, clock } = store();
  for (let i = 0; i < MAX_LINKS_PER_USER; i++) links.create("fier", "x", 60);
  assertThrows(() => links.create("fier", "x", 60), Refusal, "too many links");
  links.create("other", "x", 60);
  clock.now += 60_000;
  links.create("fier", "x", 60);
  assertEquals(links.of().length, 1);
});
