/**
 * Requests as RTMP carries them: the user in the application, the channel and the secrets in the stream key. People
 * paste them in other forms too, which are understood where they have one meaning only.
 *
 * @module
 */

import { Refusal } from "../errors.ts";
import {
  type BroadcastRequest,
  DEFAULT_CHANNEL,
  requestFrom,
} from "../wire/request.ts";

/** The addresses of a publisher. */
export interface RtmpAddress {
  /** The application of `connect`: what follows the host in the server's address. */
  readonly app: string;
  /** The whole address of the server, `tcUrl` of `connect`; empty when the client sent none. */
  readonly url: string;
  /** The stream key: what `publish` names. */
  readonly key: string;
}

/** Keys by the words that other servers use for them. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["password", "user_password"],
  ["pass", "user_password"],
]);

/** Keys that an address may have; what it names otherwise concerns other servers. */
const KEYS: readonly string[] = [
  "user_password",
  "token",
  "channel_password",
  "hold",
];

/**
 * Reads a request to broadcast. `USER` and `CHANNEL` are the last two names in application and stream key together, or
 * the user is the only one; an application in front of them is ignored. Secrets and other keys are in the query of
 * either; the password may also stand in front of the host.
 *
 * @throws {Refusal} `bad-request` when the user is missing, there are too many names, or a key is malformed.
 */
export function rtmpRequest(
  { app, url, key }: RtmpAddress,
): BroadcastRequest {
  const [application, stream] = [split(app), split(key)];
  const names = [...application.names, ...stream.names];
  if (names.length > 3) {
    throw new Refusal("bad-request", "the address has too many names");
  }
  const [user = "", channel = DEFAULT_CHANNEL] = names.length > 2
    ? names.slice(1)
    : names;
  if (user === "") {
    throw new Refusal(
      "bad-request",
      "the user is missing: the server is rtmp://HOST:PORT/USER",
    );
  }
  const values = new Map([
    ...passwordOf(url),
    ...keysOf(application.query),
    ...keysOf(stream.query),
  ]);
  values.set("user", user).set("channel", channel).set("format", "flv");
  return requestFrom("broadcast", values) as BroadcastRequest;
}

/** Splits an address into names, which are separated by slashes, and its query. */
function split(text: string): { names: string[]; query: string } {
  const at = text.indexOf("?");
  const path = at < 0 ? text : text.slice(0, at);
  const names = path.split("/").filter((name) => name !== "").map(decode);
  return { names, query: at < 0 ? "" : text.slice(at + 1) };
}

function* keysOf(query: string): Generator<[string, string]> {
  for (const pair of query.split("&")) {
    const split = pair.indexOf("=");
    if (split < 1) continue;
    const word = pair.slice(0, split).replaceAll("-", "_");
    const key = SYNONYMS.get(word) ?? word;
    if (KEYS.includes(key)) yield [key, decode(pair.slice(split + 1))];
  }
}

/** The password of `rtmp://user:password@host`. */
function* passwordOf(url: string): Generator<[string, string]> {
  const [, password] = /^rtmps?:\/\/[^/@:]*:([^/@]*)@/i.exec(url) ?? [];
  if (password !== undefined) yield ["user_password", decode(password)];
}

/** Decodes percent signs. A text whose percent signs encode nothing is taken as it is: people paste passwords. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
