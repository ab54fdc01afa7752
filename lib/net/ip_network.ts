/** Bytes of an IPv6 address (RFC 4291 §2); an IPv4 address is one of them (§2.5.5.2). */
const IP_BYTES = 16;

/** Bits in front of an IPv4 address that is written as IPv6: `::ffff:0:0/96`. */
const MAPPED_BITS = 96;

/** A network of IP addresses. */
export interface IpNetwork {
  /** An address of it, 16 bytes. */
  readonly address: Uint8Array;
  /** How many bits of it are those of the network, 0 to 128. */
  readonly bits: number;
}

/**
 * Reads an address.
 *
 * @param text Four decimal numbers, or IPv6 (RFC 4291 §2.2) without brackets; a zone (`%eth0`) is
 *     ignored.
 * @returns 16 bytes, or `undefined` for anything else.
 */
export function parseIp(text: string): Uint8Array | undefined {
  const [address = ""] = text.split("%", 1);
  const four = parseIpv4(address);
  if (four) return mapped(four);
  const dotted = /^(.*:)([\d.]*\.[\d.]*)$/.exec(address);
  if (!dotted) return parseIpv6(address);
  const tail = parseIpv4(dotted[2]!);
  return tail && parseIpv6(dotted[1]! + hexTail(tail));
}

function parseIpv4(text: string): number[] | undefined {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) return undefined;
  const numbers = text.split(".").map(Number);
  return numbers.every((number) => number <= 255) ? numbers : undefined;
}

function mapped(four: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(IP_BYTES);
  bytes.set([0xff, 0xff, ...four], IP_BYTES - 6);
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
  const missing = IP_BYTES / 2 - groups.length;
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
    view.setUint16(i * 2, parseInt(group, 16));
  }
  return bytes;
}

function isGroup(text: string): boolean {
  return /^[\da-f]{1,4}$/i.test(text);
}

/**
 * Reads networks, several with commas.
 *
 * @param text Each `ADDRESS/BITS` (RFC 4632 §3.1, RFC 4291 §2.3), or an address alone.
 * @throws {SyntaxError} With what it expects; also for networks of loopback addresses.
 */
export function parseNetworks(text: string): IpNetwork[] {
  if (text.trim() === "") return [];
  return text.split(",").map((part) => parseNetwork(part.trim()));
}

function parseNetwork(text: string): IpNetwork {
  const match = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text);
  const address = parseIp(match?.[1] ?? "");
  const most = match?.[1]?.includes(":") ? IP_BYTES * 8 : 32;
  const given = Number(match?.[2] ?? most);
  if (!address || given > most) {
    const shown = JSON.stringify(text.slice(0, 80));
    throw new SyntaxError(`expects a network such as 10.0.0.0/8, not ${shown}`);
  }
  const network = { address, bits: most === 32 ? MAPPED_BITS + given : given };
  if (!LOOPBACK.some((loopback) => isWithin(network, loopback))) return network;
  throw new SyntaxError(
    `expects no loopback address: every program of this machine has it, not a proxy alone`,
  );
}

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3). */
const LOOPBACK: readonly IpNetwork[] = [
  { address: mapped([127, 0, 0, 0]), bits: MAPPED_BITS + 8 },
  { address: parseIpv6("::1")!, bits: IP_BYTES * 8 },
];

function isWithin(inner: IpNetwork, outer: IpNetwork): boolean {
  return inner.bits >= outer.bits && contains(outer, inner.address);
}

function contains({ address, bits }: IpNetwork, ip: Uint8Array): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = 0xff << Math.max(0, 8 - (bits - bit)) & 0xff;
    if ((address[bit / 8]! ^ ip[bit / 8]!) & mask) return false;
  }
  return true;
}

/** Tells whether what an address says of others is believed. */
export type Trusts = (host: string) => boolean;

/**
 * Makes a test of networks. Loopback is never among them, however wide they are: any program of the
 * machine, and whoever comes by a tunnel, has its addresses.
 *
 * @param networks Who is trusted.
 * @returns The test, which takes an address without brackets.
 */
export function trusting(networks: readonly IpNetwork[]): Trusts {
  return function trusts(host: string): boolean {
    if (networks.length === 0) return false;
    const ip = parseIp(host);
    if (!ip || LOOPBACK.some((loopback) => contains(loopback, ip))) {
      return false;
    }
    return networks.some((network) => contains(network, ip));
  };
}
