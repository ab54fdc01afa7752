import { canonicalIp } from "./ip_address.ts";

/** A host and a port. */
export interface Address {
  /** A name or an IP address, without brackets; empty: every address of the machine. */
  readonly host: string;
  /** 0 to 65535; 0 lets the system choose. */
  readonly port: number;
}

/**
 * Reads an address.
 *
 * @param text `host:port`, `[::1]:port`, `:port`, `host` or `port`.
 * @param defaultPort The port when none is written.
 * @throws {SyntaxError} for anything else.
 */
export function parseAddress(text: string, defaultPort: number): Address {
  const trimmed = text.trim();
  // Digits alone would be a host to the system too: 61920 is 0.0.241.224 there.
  const whole = /^\d{1,5}$/.test(trimmed) ? `:${trimmed}` : trimmed;
  const match = /^(?:\[([\da-fA-F:.%\w]+)\]|((?!-)[\w.-]*))(?::(\d{1,5}))?$/
    .exec(whole);
  const host = match?.[1] ?? match?.[2] ?? "";
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (!match || (host === "" && match[3] === undefined) || port > 65535) {
    throw new SyntaxError(
      `expects an address such as 127.0.0.1:61920, not ${quote(text)}`,
    );
  }
  return { host, port };
}

/** Writes an address as {@linkcode parseAddress} reads it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A peer's address, with the host in its canonical form: IPv4 peers of an IPv6 socket keep their IPv4 name. */
export function remoteAddress(address: Deno.Addr): Address {
  const { hostname, port } = address as Deno.NetAddr;
  return { host: canonicalIp(hostname) ?? hostname, port };
}

/** Quotes a value for an error message, cut to what a line can hold. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
