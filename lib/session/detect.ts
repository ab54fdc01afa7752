/**
 * Tells the protocols of one port apart: by the first byte of a connection, and by the request head where
 * there is one.
 *
 * @module
 */

import type { RequestHead } from "../http/request_head.ts";
import { RTMP_VERSION } from "../rtmp/handshake.ts";

/** What the first byte of a connection begins. */
export type Opening =
  /** A request frame: fstream version 1. */
  | { readonly begins: "frame" }
  /** A header block or a request head. */
  | { readonly begins: "block" }
  /** The handshake of RTMP. */
  | { readonly begins: "rtmp" }
  /** Nothing that this server speaks; `problem` is for the log. */
  | { readonly begins: "nothing"; readonly problem: string };

const LF = 0x0a;
const CR = 0x0d;

/** First byte of a TLS handshake record (RFC 8446 §5.1). */
const TLS_HANDSHAKE = 0x16;

/** Tells what the first byte of a connection begins. */
export function opening(byte: number): Opening {
  if (byte === 0) return { begins: "frame" };
  if (byte === RTMP_VERSION) return { begins: "rtmp" };
  if (byte === LF || byte === CR || isLetter(byte)) return { begins: "block" };
  return { begins: "nothing", problem: problemOf(byte) };
}

function problemOf(byte: number): string {
  if (byte === TLS_HANDSHAKE) {
    return "TLS on a port without TLS; clients reach TLS at tls-listen";
  }
  return `first byte ${byte}`;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** What a request head begins. */
export type HeadProtocol = "http" | "icecast" | "websocket" | "fstream2";

/**
 * Tells what a request head begins as far as the head itself decides: an Icecast source (`SOURCE`, or `PUT`
 * without body framing), a WebSocket, or an HTTP request with a body.
 *
 * @returns `undefined` when it depends on what follows the head: a request frame or nothing.
 */
export function protocolOfHead(
  head: RequestHead,
): HeadProtocol | undefined {
  const { method, body, headers } = head;
  if (method === "SOURCE" || isSourcePut(head)) return "icecast";
  if (method === "OPTIONS") return "http"; // Also `OPTIONS *` that offers an upgrade to TLS.
  if (/(?:^|,)\s*websocket\s*(?:,|$)/i.test(headers.get("upgrade") ?? "")) {
    return "websocket";
  }
  return body.kind === "none" ? undefined : "http";
}

/**
 * An Icecast `PUT` has no body framing. The first one of libshout has neither credentials nor media, but
 * `Content-Length: 0`: it asks to be challenged, which is no failed sign-in.
 */
function isSourcePut({ method, body, headers }: RequestHead): boolean {
  if (method !== "PUT" || body.kind === "chunked") return false;
  return body.kind === "none" ||
    (body.bytes === 0 && !headers.has("authorization"));
}

/** Headers that HTTP clients send and historic fstream clients do not. */
const CLIENT_HEADERS =
  /^(?:accept|user-agent|range|icy-metadata|authorization|sec-.*)$/;

/**
 * Tells what a request head begins that {@linkcode protocolOfHead} leaves open.
 *
 * @param head The head.
 * @param next The byte behind it, if that has been received.
 * @returns `undefined` when it takes a moment of waiting for a request frame to know.
 */
export function protocolByNext(
  { headers }: RequestHead,
  next: number | undefined,
): "http" | "fstream2" | undefined {
  if (next === 0) return "fstream2";
  if (next !== undefined) return "http";
  const isClient = headers.keys().some((name) => CLIENT_HEADERS.test(name));
  return isClient ? "http" : undefined;
}

/**
 * Whether everything behind a head belongs to its request: a body, media without an end, or WebSocket
 * frames. Behind every other head comes the next one.
 */
export function isLastHead(head: RequestHead): boolean {
  switch (protocolOfHead(head)) {
    case "icecast":
      // Without credentials the source is challenged, and may try again on the same connection.
      return head.headers.has("authorization") || hasBody(head);
    case "websocket":
      return true;
    default:
      return hasBody(head);
  }
}

function hasBody({ body }: RequestHead): boolean {
  return body.kind === "chunked" || (body.kind === "length" && body.bytes > 0);
}
