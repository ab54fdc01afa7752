import { assertEquals } from "@std/assert";
import {
  canonicalIp,
  formatIp,
  isIpv4,
  networkOf,
  parseIp,
} from "../../lib/net/ip_address.ts";
import { CHEAP_CASES, type FuzzTarget, textOf } from "./target.ts";

/** The runtime's own reading of an IPv6 address, in its canonical form. */
function byUrl(text: string): string | undefined {
  const url = URL.parse(`http://[${text}]`);
  return url?.hostname.slice(1, -1);
}

/** Every spelling of an address has one canonical form and one network, and IPv6 is read as URLs have it. */
const ip: FuzzTarget = {
  name: "ip",
  cases: CHEAP_CASES,
  words: ["::", ":", "ffff:", "0:", "00", ".", "255", "]:80", "[", "%1", "F"],
  check(bytes): void {
    const text = textOf(bytes);
    const read = parseIp(text);
    if (/^[\da-f:.]*:[\da-f:.]*$/i.test(text)) {
      const canonical = read && (isIpv4(read) ? byUrl(text) : formatIp(read));
      assertEquals(canonical, byUrl(text), text);
    }
    if (read) assertEquals(parseIp(formatIp(read)), read, text);
    const canonical = canonicalIp(text);
    if (canonical === undefined) return;
    assertEquals(canonicalIp(canonical), canonical);
    assertEquals(networkOf(canonical), networkOf(text));
  },
};

/** What is read below the wire. */
export const NET_TARGETS: readonly FuzzTarget[] = [ip];
