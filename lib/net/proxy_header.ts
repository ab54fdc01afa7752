import type { Address } from "./address.ts";
import { canonicalIp, formatIp, mappedIp, parseIp } from "./ip_address.ts";

/** Bytes of a header of version 1 with its line end, at most: PROXY protocol §2.1. */
const MAX_V1_BYTES = 107;

/** The first bytes of version 2: PROXY protocol §2.2. */
const V2_SIGNATURE = Uint8Array.fromHex("0d0a0d0a000d0a515549540a");

/** Bytes before version 2's addresses: signature, command, family, length. */
const V2_FIXED_BYTES = 16;

/**
 * Bytes of a header, at most. Version 2 has room for 64 KiB of extensions; what proxies send there (a
 * checksum, names of TLS) stays far below this.
 */
export const MAX_PROXY_HEADER_BYTES = 4096;

/** What the bytes so far say. */
export type ProxyHeader =
  /** The header is not complete yet. */
  | { readonly state: "open" }
  /** They are no header, but what the peer itself sends. */
  | { readonly state: "none" }
  /** They begin like a header and are not a valid one. */
  | { readonly state: "bad"; readonly problem: string }
  /** The header and its length. Without a source the connection is the proxy's own. */
  | {
    readonly state: "whole";
    readonly bytes: number;
    readonly source: Address | undefined;
  };

const OPEN: ProxyHeader = { state: "open" };
const NONE: ProxyHeader = { state: "none" };

/**
 * Reads the header that a proxy puts in front of a connection: versions 1 and 2 of the PROXY protocol
 * (the specification that comes with HAProxy, proxy-protocol.txt).
 *
 * @param bytes What has come so far, whatever follows the header included.
 */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (bytes.length === 0) return OPEN;
  return bytes[0] === V2_SIGNATURE[0] ? readV2(bytes) : readV1(bytes);
}

function bad(problem: string): ProxyHeader {
  return { state: "bad", problem };
}

function readV1(bytes: Uint8Array): ProxyHeader {
  const text = latin1(bytes.subarray(0, MAX_V1_BYTES));
  const begin = "PROXY ".slice(0, text.length);
  if (!text.startsWith(begin)) return NONE;
  const end = text.indexOf("\r\n");
  if (end >= 0) return v1Line(text.slice(0, end), end + 2);
  return bytes.length < MAX_V1_BYTES ? OPEN : bad("a line that does not end");
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function v1Line(line: string, bytes: number): ProxyHeader {
  // What follows UNKNOWN is not to be looked at.
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) {
    return { state: "whole", bytes, source: undefined };
  }
  const match = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line);
  const [, family, host = "", target = "", port] = match ?? [];
  const isVersion = [host, target].every((text) =>
    parseIp(text) !== undefined && text.includes(":") === (family === "6")
  );
  if (!match || !isVersion || Number(port) > 65535) {
    return bad("a line of version 1 that cannot be read");
  }
  const source = { host: canonicalIp(host)!, port: Number(port) };
  return { state: "whole", bytes, source };
}

function readV2(bytes: Uint8Array): ProxyHeader {
  const begun = Math.min(bytes.length, V2_SIGNATURE.length);
  for (let i = 0; i < begun; i++) {
    if (bytes[i] !== V2_SIGNATURE[i]) return NONE;
  }
  if (bytes.length < V2_FIXED_BYTES) return OPEN;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint16(14);
  const whole = V2_FIXED_BYTES + length;
  if (whole > MAX_PROXY_HEADER_BYTES) {
    return bad(`${whole} bytes; ${MAX_PROXY_HEADER_BYTES} are allowed`);
  }
  if (bytes.length < whole) return OPEN;
  return v2Block(view, length);
}

/** The command's values: PROXY protocol §2.2, the thirteenth byte. */
const [LOCAL, PROXY] = [0x20, 0x21];

/** Family and transport, and how many bytes their two addresses and ports take. */
const [TCP4, TCP6] = [0x11, 0x21];

function v2Block(view: DataView, length: number): ProxyHeader {
  const command = view.getUint8(12);
  const family = view.getUint8(13);
  const whole = { state: "whole", bytes: V2_FIXED_BYTES + length } as const;
  if (command !== LOCAL && command !== PROXY) {
    return bad(`a command 0x${command.toString(16)} of version 2`);
  }
  // The proxy's own checks, and peers that have no address to tell.
  const told = command === PROXY && (family === TCP4 || family === TCP6);
  if (!told) return { ...whole, source: undefined };
  const hostBytes = family === TCP4 ? 4 : 16;
  if (length < 2 * hostBytes + 4) return bad("addresses that are cut short");
  const at = view.byteOffset + V2_FIXED_BYTES;
  const ip = new Uint8Array(view.buffer, at, hostBytes);
  const host = formatIp(family === TCP4 ? mappedIp(ip) : ip);
  const port = view.getUint16(V2_FIXED_BYTES + 2 * hostBytes);
  return { ...whole, source: { host, port } };
}
