import { assert, assertEquals } from "@std/assert";
import {
  parseRequestHead,
  type RequestHead,
} from "../../lib/http/request_head.ts";
import {
  readChannelPath,
  RESERVED_NAMES,
} from "../../lib/session/channel_path.ts";
import { readCredentials } from "../../lib/http/credentials.ts";
import { protocolOfHead } from "../../lib/session/detect.ts";
import {
  broadcastRequest,
  watchRequest,
} from "../../lib/session/http_request.ts";
import { readRequest } from "../../lib/session/websocket.ts";
import { CHEAP_CASES, type FuzzTarget, textOf } from "./target.ts";
import { unlessRefused } from "./wire_targets.ts";

/** The first line is a path with its query, the second what stands behind `Authorization:`. */
const http: FuzzTarget = {
  name: "http",
  cases: CHEAP_CASES,
  words: [
    ...[
      "%2F",
      "%00",
      "%",
      "..",
      "//",
      "?",
      "&",
      "channel_password=",
      "token=1",
    ],
    ...["Basic ", "Bearer ", "api", "metrics", "__proto__", "%C3", "=", "+/"],
    ...["77u/", "Og==", "start=live", "user=x", "user-password=1"],
  ],
  check(bytes): void {
    const [target = "", authorization = ""] = textOf(bytes).split("\n");
    checkCredentials(authorization);
    const { pathname, search } = new URL(`http://here/${target.slice(1)}`);
    const path = readChannelPath(pathname);
    if (path) checkPath(path.user, path.channel);
    const named = path ?? { user: "fier", channel: "x" };
    const head = headOf(search.slice(1), authorization);
    unlessRefused(() => watchRequest(head, named));
    const request = unlessRefused(() => broadcastRequest(head, named));
    if (!request) return;
    assertEquals([request.user, request.channel], [named.user, named.channel]);
    const { password, token } = readCredentials(authorization);
    // Never from the address.
    assert(
      request.userPassword === undefined || request.userPassword === password,
    );
    assertEquals(request.token, token);
  },
};

/** A head with this query and these credentials, whatever they consist of. */
function headOf(query: string, authorization: string): RequestHead {
  const head = parseRequestHead("PUT / HTTP/1.1\r\nHost: a\r\n\r\n")!;
  return {
    ...head,
    query,
    headers: new Map([["authorization", authorization]]),
  };
}

function checkPath(user: string, channel: string): void {
  assert(user !== "" && channel !== "", "an empty name");
  assert(!RESERVED_NAMES.includes(user), `${user} is reserved`);
  const again = `/${encodeURIComponent(user)}/${encodeURIComponent(channel)}`;
  assertEquals(readChannelPath(again), { user, channel });
}

function checkCredentials(header: string): void {
  const read = readCredentials(header);
  if (read.user === undefined) return;
  const text = `${read.user}:${read.password}`;
  const again = new TextEncoder().encode(text).toBase64();
  assertEquals(readCredentials(`Basic ${again}`), read);
}

/** A request head as it comes over TCP, one character for each byte. */
const icecast: FuzzTarget = {
  name: "icecast",
  cases: CHEAP_CASES,
  words: [
    ...["PUT ", "SOURCE ", " HTTP/1.1\r\n", " ICE/1.0\r\n", "\r\n", "\n", "?"],
    ...["Authorization: Basic ", "Expect: 100-continue", "Content-Length: 1"],
    ...["__proto__: x", "//", "http://", "[", "@", "#", "%", "\\"],
  ],
  check(bytes): void {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join(
      "",
    );
    const head = parseRequestHead(text);
    if (!head || protocolOfHead(head) !== "icecast") return;
    assert(head.method === "SOURCE" || head.body.kind === "none");
    const path = readChannelPath(head.path);
    if (!path) return;
    const request = unlessRefused(() => broadcastRequest(head, path));
    if (request) checkPath(request.user, request.channel);
  },
};

/** Whose channel it is, is told by the path alone. */
const websocketRequest: FuzzTarget = {
  name: "websocket-request",
  cases: CHEAP_CASES,
  words: [
    ...[
      '{"verb":"watch"}',
      '"broadcast"',
      '"user":"x"',
      '"channel":"y"',
      "null",
    ],
    ...['"__proto__":{"user":"x"}', ":1e999", "[", "\\u0000", ',"bufsize":1'],
    ...[',"start":"live"', ',"token":"t"', "true", '"constructor":', "\\ud800"],
  ],
  check(bytes): void {
    const path = { user: "fier", channel: "x" };
    const request = unlessRefused(() => readRequest(textOf(bytes), path));
    if (!request) return;
    assertEquals(request.user, "fier");
    if (request.verb !== "token") assertEquals(request.channel, "x");
  },
};

/** What comes over HTTP and WebSocket, and from Icecast's source clients. */
export const HTTP_TARGETS: readonly FuzzTarget[] = [
  http,
  icecast,
  websocketRequest,
];
