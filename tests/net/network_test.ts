import { assertEquals } from "@std/assert";
import { networkOf } from "../../lib/net/ip_address.ts";

const NETWORKS: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:5000", "192.0.2.1"],
  ["[::ffff:192.0.2.1]:5000", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"],
  ["[2001:DB8:1:2::1]:80", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:db8:0:0:ffff::", "2001:db8:0:0::/64"],
  ["1::2:3:4:5:6", "1:0:0:2::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
  ["1:2::3:4:5:192.0.2.1", "1:2:0:3::/64"],
  ["[fe80::1%eth0]:80", "fe80:0:0:0::/64"],
  ["[::1]:80", "0:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["localhost:80", "localhost"],
  ["", ""],
];

for (const [address, network] of NETWORKS) {
  Deno.test(`networkOf() puts ${address || "no address"} into ${network || "none"}`, () => {
    assertEquals(networkOf(address), network);
  });
}
