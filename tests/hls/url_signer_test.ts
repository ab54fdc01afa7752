import { assert } from "@std/assert";
import { UrlSigner } from "../../lib/hls/url_signer.ts";

const WHAT = ["fier", "hall", "live.m3u8", "456"];

Deno.test("UrlSigner accepts what it signed until it expires", async () => {
  const signer = new UrlSigner();
  const query = await signer.sign(WHAT, 1000);
  assert(await signer.verify(WHAT, query, 1_000_000));
  assert(!await signer.verify(WHAT, query, 1_000_001));
});

Deno.test("UrlSigner rejects another address, time, key and signature", async () => {
  const signer = new UrlSigner();
  const expires = 10_000_000_000;
  const query = await signer.sign(WHAT, expires);
  assert(await signer.verify(WHAT, query));
  for (let at = 0; at < WHAT.length; at++) {
    assert(!await signer.verify(WHAT.with(at, "x"), query));
  }
  // Words that run into each other are other words.
  assert(!await signer.verify(["fierhall", "", "live.m3u8", "456"], query));
  assert(!await new UrlSigner().verify(WHAT, query));
  const wrong = [
    ...["", "expires", "signature=", query.replace("1", "2")],
    ...[`${query}A`, query.slice(0, -1), query.replace(/.$/, "*")],
    query.replace("expires=", "expires=-"),
    query.replace(/signature=./, (text) => text.replace(/.$/, "%")),
  ];
  for (const each of wrong) assert(!await signer.verify(WHAT, each), each);
});

Deno.test("UrlSigner accepts what servers signed whose keys it was told, and names its own where it shares it", async () => {
  const [a, b, c] = [new UrlSigner(), new UrlSigner(), new UrlSigner()];
  a.isShared = b.isShared = true;
  const expires = 10_000_000_000;
  const query = await a.sign(WHAT, expires);
  assert(query.endsWith(`&key=${a.own.id}`));
  assert(!await b.verify(WHAT, query), "it does not know the key yet");
  b.learn({ ...a.own });
  assert(await b.verify(WHAT, query));
  assert(!await b.verify(WHAT.with(3, "457"), query));
  assert(!await c.verify(WHAT, query));
  const own = await b.sign(WHAT, expires);
  assert(await b.verify(WHAT, own));
  assert(!await b.verify(WHAT, own.replace(/key=.*/, `key=${a.own.id}`)));
  assert(!(await c.sign(WHAT, expires)).includes("key="));
  // What was learnt once is not replaced.
  b.learn({ id: a.own.id, secret: "0".repeat(64) });
  assert(await b.verify(WHAT, query));
});

Deno.test("UrlSigner ignores what is no key, and forgets the oldest of too many", async () => {
  const [a, b] = [new UrlSigner(), new UrlSigner()];
  a.isShared = true;
  for (
    const odd of [
      ...[{}, { id: a.own.id }, { id: a.own.id, secret: 7 }],
      ...[{ id: "../x", secret: a.own.secret }, { id: 7, secret: "" }],
      ...[{ ...a.own, secret: "" }, { ...a.own, secret: "x".repeat(64) }],
    ]
  ) b.learn(odd);
  const query = await a.sign(WHAT, 10_000_000_000);
  assert(!await b.verify(WHAT, query));
  b.learn({ ...a.own });
  for (let i = 0; i < 1000; i++) {
    const id = i.toString(16).padStart(16, "0");
    b.learn({ id, secret: "0".repeat(64) });
  }
  assert(!await b.verify(WHAT, query));
});
