import { IP_BYTES, MAPPED_BITS, mappedIp, parseIp } from "./ip_address.ts";

/** A network of IP addresses. */
export interface IpNetwork {
  /** An address of it, 16 bytes. */
  readonly address: Uint8Array;
  /** How many bits of it are those of the network, 0 to 128. */
  readonly bits: number;
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
  { address: mappedIp([127, 0, 0, 0]), bits: MAPPED_BITS + 8 },
  { address: parseIp("::1")!, bits: IP_BYTES * 8 },
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

/** Tells whether what an address reports of others is trusted. */
export type Trusts = (host: string) => boolean;

/**
 * Makes a test of networks. Loopback is never among them, however wide they are: any program of the
 * machine, and every peer of a tunnel that ends here, has its addresses.
 *
 * @param networks The trusted ones.
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
