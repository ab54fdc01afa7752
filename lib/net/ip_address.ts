/** Bytes of an IPv6 address (RFC 4291 §2); an IPv4 address is held as one of them (§2.5.5.2). */
export const IP_BYTES = 16;

/** Bits in front of an IPv4 address that is written as IPv6: `::ffff:0:0/96`. */
export const MAPPED_BITS = 96;

/** Bytes of a group of an IPv6 address: RFC 4291 §2.2. */
const GROUP_BYTES = 2;

/**
 * Reads an IP address: four decimal numbers, or IPv6 (RFC 4291 §2.2) without brackets. A zone (`%eth0`)
 * is ignored.
 *
 * @returns 16 bytes, the same for every spelling of an address, IPv4 as `::ffff:0:0/96`; `undefined` for
 * anything else.
 */
export function parseIp(text: string): Uint8Array | undefined {
  const [address = ""] = text.split("%", 1);
  const four = parseIpv4(address);
  if (four) return mappedIp(four);
  const dotted = /^(.*:)([\d.]*\.[\d.]*)$/.exec(address);
  if (!dotted) return parseIpv6(address);
  const tail = parseIpv4(dotted[2]!);
  return tail && parseIpv6(dotted[1]! + hexTail(tail));
}

// A leading zero is rejected, because some programs read it as octal.
function parseIpv4(text: string): number[] | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const numbers = text.split(".").map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

/** The 16 bytes of an IPv4 address that is given as its four. */
export function mappedIp(four: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(IP_BYTES);
  bytes.set([0xff, 0xff], IP_BYTES - 6);
  bytes.set(four, IP_BYTES - 4);
  return bytes;
}

function hexTail([a, b, c, d]: readonly number[]): string {
  return [a! * 256 + b!, c! * 256 + d!].map((n) => n.toString(16)).join(":");
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  const [front, back] = halves.map((half) =>
    half === "" ? [] : half.split(":")
  );
  const groups = [...front!, ...back ?? []];
  if (halves.length > 2 || !groups.every(isGroup)) return undefined;
  const missing = IP_BYTES / GROUP_BYTES - groups.length;
  // Two colons stand for one group of zeros or more.
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [
    ...front!,
    ...new Array<string>(missing).fill("0"),
    ...back ?? [],
  ];
  const bytes = new Uint8Array(IP_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, group] of all.entries()) {
    view.setUint16(i * GROUP_BYTES, parseInt(group, 16));
  }
  return bytes;
}

function isGroup(text: string): boolean {
  return /^[\da-f]{1,4}$/i.test(text);
}

/** Whether the 16 bytes are those of an IPv4 address. */
export function isIpv4(ip: Uint8Array): boolean {
  const before = ip.subarray(0, MAPPED_BITS / 8);
  return before.every((byte, i) => byte === (i < 10 ? 0 : 0xff));
}

/**
 * Writes an address in its canonical form: IPv4 as four decimal numbers, IPv6 as RFC 5952 §4 has it.
 *
 * @param ip 16 bytes, as {@linkcode parseIp} gives them.
 */
export function formatIp(ip: Uint8Array): string {
  if (isIpv4(ip)) return ip.subarray(MAPPED_BITS / 8).join(".");
  const view = new DataView(ip.buffer, ip.byteOffset, IP_BYTES);
  const groups: string[] = [];
  for (let at = 0; at < IP_BYTES; at += GROUP_BYTES) {
    groups.push(view.getUint16(at).toString(16));
  }
  const zeros = longestZeros(groups);
  if (zeros.count < 2) return groups.join(":");
  const front = groups.slice(0, zeros.at).join(":");
  return `${front}::${groups.slice(zeros.at + zeros.count).join(":")}`;
}

/** The longest run of groups that are zero, the first of several: RFC 5952 §4.2. */
function longestZeros(
  groups: readonly string[],
): { readonly at: number; readonly count: number } {
  let longest = { at: 0, count: 0 };
  let count = 0;
  for (const [i, group] of groups.entries()) {
    count = group === "0" ? count + 1 : 0;
    if (count > longest.count) longest = { at: i - count + 1, count };
  }
  return longest;
}

/**
 * Reads the host of an address and gives its canonical form, so that one host has one name in logs and
 * counters.
 *
 * @param text `ip`, `[ip]`, `ipv4:port` or `[ip]:port`; the port is ignored.
 * @returns `undefined` when there is no IP address in it.
 */
export function canonicalIp(text: string): string | undefined {
  const ip = parseIp(hostPart(text));
  return ip && formatIp(ip);
}

function hostPart(text: string): string {
  const [, bracketed, plain] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/
    .exec(text) ?? [];
  return bracketed ?? plain ?? text;
}

/** IPv6 addresses of one customer: RFC 6177 §2 gives a site a /64 or more. */
const NETWORK_BYTES = 8;

/**
 * Names the network that one customer has: an IPv4 address itself, the /64 of an IPv6 address.
 *
 * @param address `ip`, `[ip]`, `ipv4:port` or `[ip]:port`.
 * @returns The same name for all addresses of the network; for what is no IP address, its host in lower case.
 */
export function networkOf(address: string): string {
  const ip = parseIp(hostPart(address));
  if (!ip) return address.toLowerCase().replace(/^([^:]*):\d*$/, "$1");
  if (isIpv4(ip)) return formatIp(ip);
  const network = new Uint8Array(IP_BYTES);
  network.set(ip.subarray(0, NETWORK_BYTES));
  return `${formatIp(network)}/64`;
}
