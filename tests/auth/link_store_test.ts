import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  LinkStore,
  MAX_KEPT_PER_USER,
  MAX_LINKS,
  MAX_LINKS_PER_USER,
} from "../../lib/auth/link_store.ts";
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

/** Stores that tell each other of changes as `LinkExchange` does, when a test says so. */
function servers(count: number): LinkStore[] {
  return Array.from({ length: count }, () => {
    const links = new LinkStore(() => 1000);
    links.onChange = (): void => {};
    return links;
  });
}

Deno.test("LinkStore.merge() lets in with a link of another server, and no more once it is revoked at any", () => {
  const [a, b, c] = servers(3) as [LinkStore, LinkStore, LinkStore];
  const { token, id } = a.create("fier", "hall", 60);
  b.merge(a.shared());
  c.merge(b.shared());
  assert(c.use("fier", "hall", token));
  assertEquals([a.of()[0]!.uses, c.of()[0]!.uses], [0, 1], "each its own");
  c.revoke(id);
  // What is older never brings it back, in whatever order it comes.
  c.merge(a.shared());
  a.merge(c.shared());
  b.merge([...c.shared(), ...b.shared()]);
  for (const each of [a, b, c]) {
    assert(!each.use("fier", "hall", token));
    assertEquals([each.of(), each.find(id)], [[], undefined]);
    assertEquals(each.digest, a.digest);
  }
});

Deno.test("LinkStore.digest is equal for equal links in any order, and differs by one that is revoked", () => {
  const [a, b] = servers(2) as [LinkStore, LinkStore];
  assertEquals(a.digest, b.digest);
  const ids = Array.from({ length: 9 }, () => a.create("fier", "x", 60).id);
  b.merge(a.shared().reverse());
  assertEquals(a.digest, b.digest);
  b.revoke(ids[3]!);
  assert(a.digest !== b.digest);
  a.merge(b.shared());
  assertEquals(a.digest, b.digest);
});

Deno.test("LinkStore.merge() ignores what is no link, has expired, or is one too many", () => {
  const { links, clock } = store();
  const [other] = servers(1) as [LinkStore];
  other.create("fier", "hall", 60);
  const [good] = other.shared();
  const bad = [
    ...[null, 7, "x", [], {}, { ...good, id: "../x" }, { ...good, secret: "" }],
    ...[{ ...good, user: "../etc" }, { ...good, channel: "a\0b" }],
    ...[{ ...good, expires: 1e300 }, { ...good, expires: NaN }],
    ...[{ ...good, revoked: "no" }, { ...good, created: Infinity }],
    ...[{ ...good, expires: 1000 }, { ...good, created: 9e9 }],
    { ...good, created: -1e300 },
  ];
  links.merge(bad);
  assertEquals(links.of(), []);
  links.merge([good]);
  links.merge(Array.from({ length: MAX_LINKS + 5 }, (_, index) => ({
    ...good,
    id: index.toString(16).padStart(12, "0"),
  })));
  assertEquals(links.of().length, MAX_LINKS);
  links.merge([{ ...good, revoked: true }]);
  assertEquals(links.of().length, MAX_LINKS - 1, "a revocation always counts");
  clock.now = 61_000;
  assertEquals([links.of(), links.shared()], [[], []]);
});

Deno.test("LinkStore keeps a bounded number of revoked links of a user", () => {
  const [links] = servers(1) as [LinkStore];
  for (let i = 0; i < MAX_KEPT_PER_USER; i++) {
    links.revoke(links.create("fier", "x", 60).id);
  }
  assertThrows(() => links.create("fier", "x", 60), Refusal, "too many links");
  links.create("other", "x", 60);
  const { links: alone } = store();
  for (let i = 0; i < 2 * MAX_KEPT_PER_USER; i++) {
    alone.revoke(alone.create("fier", "x", 60).id);
  }
  assertEquals(alone.shared(), [], "no other server needs to hear of them");
});
