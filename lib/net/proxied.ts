import type { Address } from "./address.ts";
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from "./proxy_header.ts";
import type { Transport } from "./socket_connection.ts";

/** What a trusted proxy sent first. */
export interface Proxied {
  /** Whether it was a PROXY header. */
  readonly hasHeader: boolean;
  /** The client that the header names; `undefined` when it names none. */
  readonly source: Address | undefined;
  /** The bytes received after the header, or instead of one. */
  readonly rest: Uint8Array;
}

/**
 * Reads the first bytes of a trusted proxy's connection, as far as they are or may become a PROXY header.
 * The specification (§2) wants the receiver to know whether there is one; a proxy that speaks HTTP sends
 * none, and neither signature begins any other protocol of ours.
 *
 * @throws {Error} When a header begins and is malformed.
 */
export async function readProxied(
  transport: Pick<Transport, "read">,
): Promise<Proxied> {
  const buffer = new Uint8Array(MAX_PROXY_HEADER_BYTES);
  let length = 0;
  while (length < buffer.length) {
    const count = await transport.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    const header = readProxyHeader(buffer.subarray(0, length));
    if (header.state === "bad") {
      throw new Error(`the trusted proxy sent ${header.problem}`);
    }
    if (header.state === "none") break;
    if (header.state === "whole") {
      const rest = buffer.slice(header.bytes, length);
      return { hasHeader: true, source: header.source, rest };
    }
  }
  return {
    hasHeader: false,
    source: undefined,
    rest: buffer.slice(0, length),
  };
}
