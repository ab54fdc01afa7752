/**
 * Requests as HTTP carries them: the channel in the path, the wire's keys in the query, credentials in
 * the `Authorization` header. The HTTP front and the Icecast door read them alike.
 *
 * @module
 */

import { Refusal } from "../errors.ts";
import type { ChannelPath } from "./channel_path.ts";
import { readCredentials } from "./credentials.ts";
import {
  type BroadcastRequest,
  requestFrom,
  type WatchRequest,
} from "./messages.ts";

/** The user that Icecast source clients name when they can only be given a password. */
const ICECAST_USER = "source";

/** Keys that are secrets: they come by header alone, since addresses end up in histories and logs. */
const HEADER_ONLY = ["user_password", "token"];

/** What of an HTTP request says what is asked for. */
export interface HttpAsk extends ChannelPath {
  /** The query. */
  readonly query: URLSearchParams;
  /** The `Authorization` header's value; `null` when there is none. */
  readonly authorization: string | null;
}

/**
 * Reads a request to broadcast. Basic's user is the path's, or `source`, or empty; another user's
 * password proves nothing. Bearer is a one-time token.
 *
 * @param ask The request.
 * @throws {Refusal} `bad-request` as {@linkcode requestFrom} does, and for a key given twice.
 */
export function broadcastOverHttp(ask: HttpAsk): BroadcastRequest {
  const values = valuesOf(ask);
  const { user, password, token } = readCredentials(ask.authorization);
  const own = user === ask.user || user === ICECAST_USER || user === "";
  if (own && password !== undefined) values.set("user_password", password);
  if (token !== undefined) values.set("token", token);
  return requestFrom("broadcast", values) as BroadcastRequest;
}

/**
 * Reads a request to watch. The channel's password comes by Basic, under any user's name, or by query.
 *
 * @param ask The request.
 * @throws {Refusal} `bad-request` as {@linkcode requestFrom} does, and for a key given twice.
 */
export function watchOverHttp(ask: HttpAsk): WatchRequest {
  const values = valuesOf(ask);
  const { password } = readCredentials(ask.authorization);
  if (password !== undefined) values.set("channel_password", password);
  return requestFrom("watch", values) as WatchRequest;
}

function valuesOf({ query, user, channel }: HttpAsk): Map<string, string> {
  const values = new Map<string, string>();
  for (const [word, value] of query) {
    const key = word.replaceAll("-", "_");
    if (values.has(key)) {
      throw new Refusal("bad-request", "a key is given twice");
    }
    values.set(key, value);
  }
  for (const key of HEADER_ONLY) values.delete(key);
  return values.set("user", user).set("channel", channel);
}
