/**
 * Requests as HTTP carries them: the channel in the path, the protocol's keys in the query, credentials
 * in the `Authorization` header. HTTP requests and Icecast sources are read alike.
 *
 * @module
 */

import { Refusal } from "../errors.ts";
import { readCredentials } from "../http/credentials.ts";
import type { RequestHead } from "../http/request_head.ts";
import {
  type BroadcastRequest,
  requestFrom,
  type WatchRequest,
} from "../wire/request.ts";
import type { ChannelPath } from "./channel_path.ts";

/** The user name that Icecast source clients send when they can be configured with a password only. */
const ICECAST_USER = "source";

/** Secrets are accepted in headers only, because URLs end up in histories and logs. */
const HEADER_ONLY = ["user_password", "token"];

/**
 * Reads a request to broadcast. The Basic user must be the path's user, `source` or empty; a password for
 * another user proves nothing. A Bearer credential is a one-time token.
 *
 * @throws {Refusal} `bad-request` as {@linkcode requestFrom} does, and for a duplicate key.
 */
export function broadcastRequest(
  head: RequestHead,
  path: ChannelPath,
): BroadcastRequest {
  const values = valuesOf(head, path);
  const { user, password, token } = credentialsOf(head);
  const own = user === path.user || user === ICECAST_USER || user === "";
  if (own && password !== undefined) values.set("user_password", password);
  if (token !== undefined) values.set("token", token);
  values.delete("resume"); // Only a framed stream can be continued.
  return requestFrom("broadcast", values) as BroadcastRequest;
}

/**
 * Reads a request to watch. The channel's password comes by Basic with any user name, or in the query. A
 * Basic user that is the path's own also sends the password as the user's, for authentication modules.
 *
 * @throws {Refusal} `bad-request` as {@linkcode requestFrom} does, and for a duplicate key.
 */
export function watchRequest(
  head: RequestHead,
  path: ChannelPath,
): WatchRequest {
  const values = valuesOf(head, path);
  const { user, password } = credentialsOf(head);
  if (password !== undefined) {
    values.set("channel_password", password);
    if (user === path.user) values.set("user_password", password);
  }
  return requestFrom("watch", values) as WatchRequest;
}

function credentialsOf(
  { headers }: RequestHead,
): ReturnType<typeof readCredentials> {
  return readCredentials(headers.get("authorization") ?? null);
}

function valuesOf(
  { query }: RequestHead,
  { user, channel }: ChannelPath,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const [word, value] of new URLSearchParams(query)) {
    const key = word.replaceAll("-", "_");
    if (values.has(key)) throw new Refusal("bad-request", "duplicate key");
    values.set(key, value);
  }
  for (const key of HEADER_ONLY) values.delete(key);
  return values.set("user", user).set("channel", channel);
}
