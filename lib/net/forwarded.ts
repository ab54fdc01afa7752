import type { Address } from "./address.ts";
import { canonicalIp } from "./ip_address.ts";
import type { Trusts } from "./ip_network.ts";

/** Proxies in a row that are considered: no site has more, and a header may have thousands of entries. */
const MAX_HOPS = 16;

/**
 * Finds the client behind trusted proxies: the last address in `X-Forwarded-For` that is not a trusted
 * proxy's itself. What stands before it may be forged.
 *
 * @param peer The other end of the connection.
 * @param header The value of `X-Forwarded-For`, or `null`.
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
    const host = canonicalIp(hop.trim());
    if (host === undefined) break;
    found = { host, port: 0 };
    if (!trusts(host)) break;
  }
  return found;
}
