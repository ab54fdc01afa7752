import { channelSettings } from "../auth/channel_settings.ts";
import type { Broadcast } from "../hub/broadcast.ts";
import { Refusal } from "../errors.ts";
import { receive } from "../hub/receive.ts";
import { trackerFor } from "../media/choose.ts";
import { type BroadcastRequest, requestFrom } from "../protocol/messages.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { plain } from "./headers.ts";
import {
  authorize,
  enter,
  type HttpRooms,
  sessionLog,
  type Visitor,
} from "./rooms.ts";
import type { ChannelPath } from "./route.ts";

/** The user that Icecast source clients name when they can only be given a password. */
const ICECAST_USER = "source";

/**
 * `PUT` and `POST` of a channel: what the body holds goes on the air until it ends. Answered when it
 * is over.
 *
 * @throws {Refusal} `denied`, `limit` or `bad-request`.
 */
export async function broadcastByHttp(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Promise<Response> {
  const credentials = readCredentials(request.headers.get("authorization"));
  const wish = readWish(request, path, credentials);
  const leave = enter(rooms, visitor);
  try {
    return await receiveBody(rooms, request, wish, visitor);
  } finally {
    leave();
  }
}

async function receiveBody(
  rooms: HttpRooms,
  request: Request,
  wish: BroadcastRequest,
  visitor: Visitor,
): Promise<Response> {
  const body = request.body?.getReader();
  if (!body) throw new Refusal("bad-request", "a broadcast needs a body");
  const { log, broadcast, revoked } = await openBroadcast(
    rooms,
    wish,
    visitor,
    "http",
  );
  let why = "the broadcaster's connection broke";
  let whole = false;
  try {
    why = await receive(body, broadcast, {
      sweep: rooms.sweep,
      idleMs: rooms.limits.broadcasterIdleMs,
      signal: revoked,
    });
    whole = why === "the broadcast ended";
  } catch {
    // What broke is the connection; the log says so.
  } finally {
    broadcast.end("broken"); // Nothing happens when it has ended in order.
    log("broadcast-end", { bytes: broadcast.bytes, reason: why });
  }
  return whole ? plain(200, "ok") : plain(409, why);
}

/** A broadcast that has begun. */
export interface OpenBroadcast {
  /** The hold on the channel. */
  readonly broadcast: Broadcast;
  /** Aborted with the reason when the channel is taken away. */
  readonly revoked: AbortSignal;
  /** Writes the session's log lines. */
  readonly log: ReturnType<typeof sessionLog>;
}

/**
 * Puts a channel on the air for a broadcaster who may.
 *
 * @param rooms What it works with.
 * @param wish What he asks for, and his password or token.
 * @param visitor Who he is.
 * @param door Where he came in.
 * @throws {Refusal} `denied`, `limit`, `busy` or `bad-request`.
 */
export async function openBroadcast(
  rooms: HttpRooms,
  wish: BroadcastRequest,
  visitor: Visitor,
  door: string,
): Promise<OpenBroadcast> {
  const { verb, user, channel, userPassword, token } = wish;
  const rights = await authorize(rooms, {
    ...{ verb, user, channel, remote: visitor.remote, door },
    ...(userPassword === undefined ? {} : { password: userPassword }),
    ...(token === undefined ? {} : { token }),
  });
  const revoked = new AbortController();
  const broadcast = rooms.hub.broadcast({
    ...wish,
    ...channelSettings(rights, channel),
    tracker: trackerFor(wish),
    onRevoked: (why) => revoked.abort(why),
  });
  const log = sessionLog(rooms, { user, channel, remote: visitor.remote });
  log("broadcast-start");
  return { broadcast, revoked: revoked.signal, log };
}

function readWish(
  request: Request,
  { user, channel }: ChannelPath,
  { user: signedIn, password, token }: Credentials,
): BroadcastRequest {
  const values = new Map([
    ...new URL(request.url).searchParams,
    ["user", user],
    ["channel", channel],
  ]);
  // Secrets come by header alone: addresses end up in histories and logs.
  values.delete("user_password");
  values.delete("token");
  const own = signedIn === user || signedIn === ICECAST_USER || signedIn === "";
  if (own && password !== undefined) values.set("user_password", password);
  if (token !== undefined) values.set("token", token);
  return requestFrom("broadcast", values) as BroadcastRequest;
}
