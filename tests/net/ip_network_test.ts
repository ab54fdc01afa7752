import { assertEquals, assertThrows } from "@std/assert";
import { parseNetworks, trusting } from "../../lib/net/ip_network.ts";

const TRUST: readonly (readonly [string, string, boolean])[] = [
  ["", "192.0.2.1", false],
  ["192.0.2.1", "192.0.2.1", true],
  ["192.0.2.1", "192.0.2.2", false],
  ["192.0.2.1", "::ffff:192.0.2.1", true],
  ["192.0.2.0/24", "192.0.2.255", true],
  ["192.0.2.0/24", "192.0.3.0", false],
  ["192.0.2.77/23", "192.0.3.1", true],
  ["10.0.0.0/8, 192.0.2.128/25", "192.0.2.127", false],
  ["10.0.0.0/8, 192.0.2.128/25", "192.0.2.128", true],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["192.0.2.0/24", "2001:db8::1", false],
  ["::/0", "192.0.2.1", true],
  ["0.0.0.0/0", "192.0.2.1", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["0.0.0.0/0", "127.0.0.1", false],
  ["0.0.0.0/0", "127.9.9.9", false],
  ["::/0", "::1", false],
  ["::/0", "::ffff:127.0.0.1", false],
  ["::/0", "localhost", false],
];

Deno.test("trusting() knows the addresses of its networks, and never loopback", () => {
  for (const [networks, host, trusted] of TRUST) {
    const trusts = trusting(parseNetworks(networks));
    assertEquals(trusts(host), trusted, `${host} in ${networks}`);
  }
});

Deno.test("parseNetworks() refuses what is no network, and loopback", () => {
  for (
    const text of ["x", "10.0.0.0/33", "::/129", "10/8", "::1/", ",", "/8"]
  ) {
    assertThrows(() => parseNetworks(text), SyntaxError, "expects a network");
  }
  for (const text of ["127.0.0.1", "127.0.0.0/8", "::1", "10.0.0.1,::1/128"]) {
    assertThrows(() => parseNetworks(text), SyntaxError, "no loopback");
  }
});
