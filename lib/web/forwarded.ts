import { parseIp, type Trusts } from "../net/ip_network.ts";
import type { Address } from "../net/address.ts";

/** Proxies in a row that are looked at: nobody has more, and a header may have thousands of entries. */
const MAX_HOPS = 16;

/**
 * Finds who is behind trusted proxies: the last address in `X-Forwarded-For` that is no trusted proxy's
 * itself. What stands before it anybody may have written.
 *
 * @param peer Who is connected.
 * @param header The value of `X-Forwarded-For`, or `null`.
 * @param trusts Whose word counts.
 * @returns The address, with port 0 when it is not the peer's own.
 */
export function forwardedFor(
  peer: Address,
  header: string | null,
  trusts: Trusts,
): Address {
  if (header === null || !trusts(peer.host)) return peer;
  let found = peer;
  for (const hop of header.split(",").slice(-MAX_HOPS).reverse()) {
    const host = hostOf(hop.trim());
    if (host === undefined) break;
    found = { host, port: 0 };
    if (!trusts(host)) break;
  }
  return found;
}

/** Some proxies write a port behind the address, and then brackets around IPv6. */
function hostOf(text: string): string | undefined {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/
    .exec(text) ?? [];
  const host = bracketed ?? plain ?? text;
  return parseIp(host) && host.replace(/^::ffff:(?=\d+\.)/i, "");
}
