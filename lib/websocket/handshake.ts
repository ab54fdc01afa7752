/**
 * The opening handshake of a WebSocket server (RFC 6455 §4.2). Header names are lower case, values of
 * repeated headers are joined with ", ".
 *
 * @module
 */

/** The only version that RFC 6455 defines for use. */
const VERSION = "13";

/** Appended to the client's key before it is hashed (RFC 6455 §1.3). */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Base64 of 16 bytes. Two keys joined by a comma do not match. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** A handshake that can be accepted. */
export interface AcceptedHandshake {
  /** The client's `Sec-WebSocket-Key`, for {@linkcode handshakeReply}. */
  readonly key: string;
}

/** A handshake that must be rejected. */
export interface RejectedHandshake {
  /** The HTTP status of the reply. */
  readonly status: number;
  /** Why, in words that hold nothing of what the client sent. */
  readonly problem: string;
  /** Headers that the reply must have. */
  readonly headers?: Record<string, string>;
}

/** Tells whether a request asks for a WebSocket: `Upgrade` names it among its protocols. */
export function asksForWebSocket(
  headers: ReadonlyMap<string, string>,
): boolean {
  return hasToken(headers.get("upgrade"), "websocket");
}

/** Checks a client's handshake (RFC 6455 §4.2.1) except `Origin`, which is a matter of policy. */
export function checkHandshake(
  headers: ReadonlyMap<string, string>,
  method: string,
  minorVersion: 0 | 1,
): AcceptedHandshake | RejectedHandshake {
  if (method !== "GET") {
    return {
      status: 405,
      problem: "a WebSocket handshake is a GET request",
      headers: { Allow: "GET" },
    };
  }
  if (minorVersion < 1) return badRequest("a WebSocket needs HTTP/1.1");
  if (!headers.get("host")) return badRequest("Host is missing");
  if (!asksForWebSocket(headers)) {
    return badRequest("Upgrade does not name websocket");
  }
  if (!hasToken(headers.get("connection"), "upgrade")) {
    return badRequest("Connection does not name upgrade");
  }
  if (headers.get("sec-websocket-version") !== VERSION) return wrongVersion();
  const key = headers.get("sec-websocket-key");
  if (key === undefined || !KEY.test(key)) {
    return badRequest("Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return { key };
}

/** Returns the headers of the 101 reply that accepts a client's key (RFC 6455 §4.2.2). */
export async function handshakeReply(
  key: string,
): Promise<Record<string, string>> {
  const text = new TextEncoder().encode(key + KEY_SUFFIX);
  const hash = await crypto.subtle.digest("SHA-1", text);
  return {
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": new Uint8Array(hash).toBase64(),
  };
}

/** Names the version that is spoken (RFC 6455 §4.4), and the protocol, as each 426 must (RFC 9110 §15.5.22). */
function wrongVersion(): RejectedHandshake {
  return {
    status: 426,
    problem: `Sec-WebSocket-Version is not ${VERSION}`,
    headers: {
      "Sec-WebSocket-Version": VERSION,
      Upgrade: "websocket",
      Connection: "Upgrade, close",
    },
  };
}

function badRequest(problem: string): RejectedHandshake {
  return { status: 400, problem };
}

/** Tells whether a comma-separated list has a token, in any case. */
function hasToken(list: string | undefined, token: string): boolean {
  return list !== undefined &&
    list.split(",").some((each) => each.trim().toLowerCase() === token);
}
