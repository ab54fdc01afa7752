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
