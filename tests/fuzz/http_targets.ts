import { assert, assertEquals } from "@std/assert";
import { readWish } from "../../lib/web/socket.ts";
import {
  readChannelPath,
  RESERVED_NAMES,
} from "../../lib/session/channel_path.ts";
import { readCredentials } from "../../lib/http/credentials.ts";
import {
  broadcastOverHttp,
  watchOverHttp,
} from "../../lib/wire/http_request.ts";
import {
  icecastRequest,
  parseIcecastHead,
} from "../../lib/wire/icecast_head.ts";
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
    const { pathname, searchParams: query } = new URL(
      `http://here/${target.slice(1)}`,
    );
    const path = readChannelPath(pathname);
    if (path) checkPath(path.user, path.channel);
    const ask = { user: "fier", channel: "x", ...path, query, authorization };
    unlessRefused(() => watchOverHttp(ask));
    const wish = unlessRefused(() => broadcastOverHttp(ask));
    if (!wish) return;
    assertEquals([wish.user, wish.channel], [ask.user, ask.channel]);
    const { password, token } = readCredentials(authorization);
    // Never from the address.
    assert(wish.userPassword === undefined || wish.userPassword === password);
    assertEquals(wish.token, token);
  },
};

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
    const head = parseIcecastHead(text);
    if (!head) return;
    assert(head.authorization !== "", "no credentials");
    const wish = unlessRefused(() => icecastRequest(head));
    if (wish) checkPath(wish.user, wish.channel);
  },
};

/** The cap of a server at its defaults, in characters. */
const MOST = 4096;

/** Whose channel it is, is told by the path alone. */
const socket: FuzzTarget = {
  name: "socket",
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
  check(bytes, random): void {
    const message = random(50) === 0 ? bytes.buffer : textOf(bytes);
    const path = { user: "fier", channel: "x" };
    const wish = unlessRefused(() => readWish(message, MOST, path));
    if (!wish) return;
    assert(typeof message === "string" && message.length <= MOST);
    assertEquals(wish.user, "fier");
    if (wish.verb !== "token") assertEquals(wish.channel, "x");
  },
};

/** What comes over HTTP and WebSocket, and from Icecast's source clients. */
export const HTTP_TARGETS: readonly FuzzTarget[] = [http, icecast, socket];
