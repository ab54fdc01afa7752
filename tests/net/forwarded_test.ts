import { assertEquals } from "@std/assert";
import { forwardedFor } from "../../lib/net/forwarded.ts";
import { parseNetworks, trusting } from "../../lib/net/ip_network.ts";
import { formatAddress } from "../../lib/net/address.ts";

const trusts = trusting(parseNetworks("10.0.0.0/8, 2001:db8::/32"));

const CASES: readonly (readonly [string, string | null, string])[] = [
  ["10.0.0.1", null, "10.0.0.1:5000"],
  ["10.0.0.1", "192.0.2.7", "192.0.2.7:0"],
  ["10.0.0.1", " 192.0.2.7 ", "192.0.2.7:0"],
  ["10.0.0.1", "192.0.2.7:4711", "192.0.2.7:0"],
  ["10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7:0"],
  ["10.0.0.1", "::ffff:c000:207", "192.0.2.7:0"],
  ["10.0.0.1", "2001:DB9:0::7", "[2001:db9::7]:0"],
  ["10.0.0.1", "2001:db9::7", "[2001:db9::7]:0"],
  ["10.0.0.1", "[2001:db9::7]:4711", "[2001:db9::7]:0"],
  ["2001:db8::1", "192.0.2.7", "192.0.2.7:0"],
  // What the client itself has written stands in front.
  ["10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7:0"],
  ["10.0.0.1", "203.0.113.9, 192.0.2.7, 10.1.1.1", "192.0.2.7:0"],
  ["10.0.0.1", "10.2.2.2, 10.1.1.1", "10.2.2.2:0"],
  ["10.0.0.1", "192.0.2.7, unknown", "10.0.0.1:5000"],
  ["10.0.0.1", "192.0.2.7, unknown, 10.1.1.1", "10.1.1.1:0"],
  ["10.0.0.1", "", "10.0.0.1:5000"],
  ["10.0.0.1", ",,,", "10.0.0.1:5000"],
  // The header of a peer that is no trusted proxy is ignored.
  ["192.0.2.1", "203.0.113.9", "192.0.2.1:5000"],
  ["127.0.0.1", "203.0.113.9", "127.0.0.1:5000"],
];

Deno.test("forwardedFor() believes trusted proxies alone", () => {
  for (const [host, header, expected] of CASES) {
    const found = forwardedFor({ host, port: 5000 }, header, trusts);
    assertEquals(formatAddress(found), expected, `${host} ${header}`);
  }
});

Deno.test("forwardedFor() looks at the last 16 proxies in a row, and no further", () => {
  const peer = { host: "10.0.0.1", port: 5000 };
  const proxies = Array.from({ length: 16 }, (_, i) => `10.1.1.${i + 1}`);
  const behind = (count: number): string =>
    ["192.0.2.7", ...proxies.slice(-count)].join();
  assertEquals(forwardedFor(peer, behind(15), trusts).host, "192.0.2.7");
  assertEquals(forwardedFor(peer, behind(16), trusts).host, "10.1.1.1");
  const many = `${"192.0.2.7,".repeat(100_000)}${proxies.join()}`;
  assertEquals(forwardedFor(peer, many, trusts).host, "10.1.1.1");
});
