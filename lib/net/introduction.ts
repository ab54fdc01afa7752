import type { ByteReader } from "./byte_source.ts";
import { Refusal } from "../errors.ts";
import type { Address } from "./address.ts";
import { MAX_PROXY_HEADER_BYTES, readProxyHeader } from "./proxy_header.ts";

/** What a proxy says in front of a connection. */
export interface Introduction {
  /** Who is behind the proxy; absent when the proxy speaks for itself. */
  readonly source: Address | undefined;
  /** What has come behind the header already. */
  readonly rest: Uint8Array;
}

/**
 * Reads what a trusted proxy says in front of a connection. There must be a header: the specification
 * (PROXY protocol §2) forbids to guess whether there is one.
 *
 * @param reader The connection.
 * @throws {Refusal} `bad-request` when something else comes, or too little.
 */
export async function readIntroduction(
  reader: ByteReader,
): Promise<Introduction> {
  const buffer = new Uint8Array(MAX_PROXY_HEADER_BYTES);
  for (let length = 0; length < buffer.length;) {
    const count = await reader.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    const header = readProxyHeader(buffer.subarray(0, length));
    if (header.state === "none") throw refused("no PROXY header");
    if (header.state === "bad") throw refused(header.problem);
    if (header.state === "whole") {
      const rest = buffer.slice(header.bytes, length);
      return { source: header.source, rest };
    }
  }
  throw refused("a header that is cut short");
}

function refused(problem: string): Refusal {
  const detail = `the trusted proxy sent ${problem}`;
  return new Refusal("bad-request", "no PROXY header", detail);
}
