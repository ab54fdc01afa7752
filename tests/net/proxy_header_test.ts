import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import {
  MAX_PROXY_HEADER_BYTES,
  type ProxyHeader,
  readProxyHeader,
} from "../../lib/net/proxy_header.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";
const V4 = "c0000207 c6336401 b5b0 01bb";
const V6 =
  "20010db8000000000000000000000001 20010db8000000000000000000000002 0001 f1e0";

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function v2(command: string, family: string, rest: string): Uint8Array {
  const length = (rest.replaceAll(" ", "").length / 2).toString(16);
  const hex = SIGNATURE + command + family + length.padStart(4, "0") + rest;
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

/** Headers, and who comes behind the proxy; `undefined`: the proxy itself. */
const GOOD: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  [
    "version 1, IPv4",
    ascii("PROXY TCP4 192.0.2.7 198.51.100.1 46512 443\r\n"),
    "192.0.2.7 46512",
  ],
  [
    "version 1, IPv6",
    ascii("PROXY TCP6 2001:db8::1 2001:db8::2 1 61920\r\n"),
    "2001:db8::1 1",
  ],
  [
    "version 1, IPv4 written as IPv6",
    ascii("PROXY TCP6 ::ffff:c633:6407 ::ffff:c633:6408 1 61920\r\n"),
    "198.51.100.7 1",
  ],
  ["version 1, unknown", ascii("PROXY UNKNOWN\r\n"), undefined],
  [
    "version 1, unknown with what is not to be looked at",
    ascii(`PROXY UNKNOWN ${"f".repeat(90)}\r\n`),
    undefined,
  ],
  ["version 2, IPv4", v2("21", "11", V4), "192.0.2.7 46512"],
  [
    "version 2, IPv4 and extensions",
    v2("21", "11", `${V4} 03 0004 00000000`),
    "192.0.2.7 46512",
  ],
  ["version 2, IPv6", v2("21", "21", V6), "2001:db8::1 1"],
  [
    "version 2, IPv4 written as IPv6",
    v2(
      "21",
      "21",
      `${"00".repeat(10)}ffffc6336407 ${"00".repeat(16)} 0001 f1e0`,
    ),
    "198.51.100.7 1",
  ],
  ["version 2, the proxy's own check", v2("20", "00", ""), undefined],
  ["version 2, own check with addresses", v2("20", "11", V4), undefined],
  ["version 2, no family", v2("21", "00", ""), undefined],
  ["version 2, a Unix socket", v2("21", "31", "00".repeat(216)), undefined],
];

Deno.test("readProxyHeader() knows where a header ends, however it comes", () => {
  for (const [name, header, source] of GOOD) {
    for (let length = 0; length < header.length; length++) {
      const { state } = readProxyHeader(header.subarray(0, length));
      assertEquals(state, "open", `${name}: ${length} bytes`);
    }
    for (const rest of ["", "\n", "\r\n\0"]) {
      const found = readProxyHeader(concat([header, ascii(rest)]));
      assertEquals(shown(found), `${header.length} ${source}`, name);
    }
  }
});

function shown(header: ProxyHeader): string {
  if (header.state !== "whole") return header.state;
  const { bytes, source } = header;
  return `${bytes} ${source && `${source.host} ${source.port}`}`;
}

/** What is no header at all, so that it may be what a client behind the proxy sends. */
const NONE: readonly (readonly [string, Uint8Array])[] = [
  ["a request of version 1", new Uint8Array([0, 0, 0, 9, 0])],
  ["a request of version 2", ascii("\n\n")],
  ["a request of version 2 with CRLF", ascii("\r\n\r\n\0\0\0\x09\0")],
  ["HTTP", ascii("GET / HTTP/1.1\r\n\r\n")],
  ["an HTTP method with the same first letter", ascii("PUT / HTTP/1.1\r\n")],
  ["an empty line of HTTP", ascii("\r\n\r\n\r\n")],
  ["lower case", ascii("proxy TCP4")],
  ["TLS", new Uint8Array([0x16, 3, 1])],
];

const BAD: readonly (readonly [string, Uint8Array])[] = [
  ["a line that never ends", ascii(`PROXY UNKNOWN ${"f".repeat(200)}`)],
  ["no addresses", ascii("PROXY TCP4\r\n")],
  ["a family of another kind", ascii("PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n")],
  ["an address of the other", ascii("PROXY TCP4 ::1 ::1 1 1\r\n")],
  ["a name", ascii("PROXY TCP4 localhost 1.2.3.4 1 1\r\n")],
  ["a port too large", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n")],
  ["words too many", ascii("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 1\r\n")],
  ["version 3", v2("31", "11", V4)],
  ["an unknown command", v2("22", "11", V4)],
  ["addresses cut short", v2("21", "11", V4.slice(0, -2))],
  ["IPv6 cut short", v2("21", "21", V4)],
  [
    "more extensions than allowed",
    v2("21", "11", V4 + "00".repeat(MAX_PROXY_HEADER_BYTES)),
  ],
];

Deno.test("readProxyHeader() tells what is no header", () => {
  for (const [name, bytes] of NONE) {
    assertEquals(readProxyHeader(bytes).state, "none", name);
  }
});

Deno.test("readProxyHeader() rejects a malformed header", () => {
  for (const [name, bytes] of BAD) {
    assertEquals(readProxyHeader(bytes).state, "bad", name);
  }
});

Deno.test("readProxyHeader() decides at the first byte that does not fit", () => {
  for (const text of ["X", "PROXX", "\r\n\r\n\0\r\nQUIX"]) {
    const bytes = ascii(text);
    assertEquals(readProxyHeader(bytes).state, "none", text);
    assertEquals(readProxyHeader(bytes.subarray(0, -1)).state, "open", text);
  }
});
