// Groups of 16 bits that name a customer's network: a /64 (RFC 6177 §2 gives a site that or more).
const NETWORK_GROUPS = 4;

// Groups of 16 bits in an IPv6 address: RFC 4291 §2.2.
const ADDRESS_GROUPS = 8;

function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  const [host = "", port, ...rest] = address.split(":");
  // Two colons or more without brackets: an IPv6 address without a port.
  return port !== undefined && rest.length === 0 ? host : address;
}

function groupsOf(text: string | undefined): string[] {
  if (text === undefined || text === "") return [];
  // A dotted tail fills two groups (RFC 4291 §2.2.3); it is never in the network's part.
  const plain = text.replace(/[^:]*\.[^:]*$/, "0:0");
  return plain.split(":").map((group) => group.replace(/^0+(?=.)/, ""));
}

/**
 * Names the network that an address belongs to as far as one customer's go: an IPv4 address itself, also
 * when it is written as IPv6 (`::ffff:192.0.2.1`), and the /64 of an IPv6 address.
 *
 * @param address `ip`, `ip:port` or `[ip]:port`; a zone (`%eth0`) is ignored.
 * @returns A name that is the same for all addresses of the network; for what is no address, its text.
 */
export function networkOf(address: string): string {
  const [host = ""] = hostOf(address).toLowerCase().split("%", 1);
  if (!host.includes(":")) return host;
  const mapped = /^::ffff:([0-9.]*\.[0-9.]*)$/.exec(host)?.[1];
  if (mapped !== undefined) return mapped;
  const [head, tail] = host.split("::", 2);
  const front = groupsOf(head);
  const back = groupsOf(tail);
  const zeros = Math.max(0, ADDRESS_GROUPS - front.length - back.length);
  const groups = [...front, ...new Array<string>(zeros).fill("0"), ...back];
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
