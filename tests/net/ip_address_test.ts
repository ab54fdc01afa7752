import { assertEquals } from "@std/assert";
import {
  canonicalIp,
  formatIp,
  networkOf,
  parseIp,
} from "../../lib/net/ip_address.ts";

const V4 = "00000000000000000000ffff";

const ADDRESSES: readonly (readonly [string, string | undefined])[] = [
  ["192.0.2.1", `${V4}c0000201`],
  ["0.0.0.0", `${V4}00000000`],
  ["255.255.255.255", `${V4}ffffffff`],
  ["::ffff:192.0.2.1", `${V4}c0000201`],
  ["::FFFF:c000:0201", `${V4}c0000201`],
  ["0:0:0:0:0:ffff:192.0.2.1", `${V4}c0000201`],
  ["::", "0".repeat(32)],
  ["::1", "0".repeat(31) + "1"],
  ["2001:db8::1", "20010db8000000000000000000000001"],
  ["2001:DB8:0:0:0:0:0:1", "20010db8000000000000000000000001"],
  ["fe80::1%eth0", "fe800000000000000000000000000001"],
  ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
  ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ["", undefined],
  ["1.2.3", undefined],
  ["1.2.3.4.5", undefined],
  ["1.2.3.256", undefined],
  ["01.2.3.4", undefined],
  ["1.2.3.4.", undefined],
  ["1.2.3.4:5", undefined],
  ["[::1]", undefined],
  [":::", undefined],
  ["1::2::3", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1:2:3:4:5:6:7::8", undefined],
  ["12345::", undefined],
  ["g::", undefined],
  ["::1.2.3", undefined],
  ["example.org", undefined],
];

Deno.test("parseIp() reads addresses and nothing else", () => {
  for (const [text, hex] of ADDRESSES) {
    assertEquals(parseIp(text)?.toHex(), hex, text);
  }
});

/** Spellings, and the canonical one of each: the examples of RFC 5952 §2 and §4 are among them. */
const CANONICAL: readonly (readonly [string, string | undefined])[] = [
  ["198.51.100.7", "198.51.100.7"],
  ["::ffff:198.51.100.7", "198.51.100.7"],
  ["::ffff:c633:6407", "198.51.100.7"],
  ["::FFFF:C633:6407", "198.51.100.7"],
  ["0:0:0:0:0:ffff:c633:6407", "198.51.100.7"],
  ["0000:0000:0000:0000:0000:FFFF:C633:6407", "198.51.100.7"],
  ["[::ffff:c633:6407]:443", "198.51.100.7"],
  ["::ffff:c633:6407%eth0", "198.51.100.7"],
  ["198.51.100.7:443", "198.51.100.7"],
  // Not mapped: only ::ffff:0:0/96 is an IPv4 address.
  ["::c633:6407", "::c633:6407"],
  ["::fffe:c633:6407", "::fffe:c633:6407"],
  ["::1:ffff:c633:6407", "::1:ffff:c633:6407"],
  // RFC 5952 §4.1: leading zeros.
  ["2001:0db8::0001", "2001:db8::1"],
  // §4.2.1: as short as possible.
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  // §4.2.2: never for one group.
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  // §4.2.3: the longest run, the first of two.
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  // §4.3: lower case.
  ["2001:DB8:AAAA::BbBb", "2001:db8:aaaa::bbbb"],
  ["fe80::1%eth0", "fe80::1"],
  ["[2001:db9::7]", "2001:db9::7"],
  ["::", "::"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["01.2.3.4", undefined],
  ["198.51.100.007", undefined],
  ["198.51.100.7:x", undefined],
  ["unknown", undefined],
  ["_hidden", undefined],
  ["", undefined],
];

Deno.test("canonicalIp() gives every spelling of an address one form", () => {
  for (const [text, canonical] of CANONICAL) {
    assertEquals(canonicalIp(text), canonical, text);
  }
});

Deno.test("formatIp() writes what parseIp() reads back", () => {
  for (const [text] of [...ADDRESSES, ...CANONICAL]) {
    const ip = parseIp(text);
    if (ip) assertEquals(parseIp(formatIp(ip)), ip, text);
  }
});

const NETWORKS: readonly (readonly [string, string])[] = [
  ["192.0.2.1", "192.0.2.1"],
  ["192.0.2.1:5000", "192.0.2.1"],
  ["[::ffff:192.0.2.1]:5000", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["::FFFF:192.0.2.1", "192.0.2.1"],
  ["::ffff:c633:6407", "198.51.100.7"],
  ["[::ffff:c633:6408]:80", "198.51.100.8"],
  ["[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"],
  ["[2001:DB8:1:2::1]:80", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8::/64"],
  ["2001:db8:0:0:ffff::", "2001:db8::/64"],
  ["1::2:3:4:5:6", "1:0:0:2::/64"],
  ["64:ff9b::192.0.2.1", "64:ff9b::/64"],
  ["1:2::3:4:5:192.0.2.1", "1:2:0:3::/64"],
  ["[fe80::1%eth0]:80", "fe80::/64"],
  ["[::1]:80", "::/64"],
  ["::1", "::/64"],
  ["localhost:80", "localhost"],
  ["LOCALHOST", "localhost"],
  ["", ""],
];

Deno.test("networkOf() names an IPv4 address, and the /64 of an IPv6 address", () => {
  for (const [address, network] of NETWORKS) {
    assertEquals(networkOf(address), network, address);
  }
});
