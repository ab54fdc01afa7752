import { channelSettings } from "../auth/channel_settings.ts";
import type { Broadcast } from "../hub/broadcast.ts";
import { Refusal } from "../errors.ts";
import { ENDED_IN_ORDER, receive } from "../hub/receive.ts";
import { trackerFor } from "../media/tracker_for.ts";
import type { ChannelPath } from "../wire/channel_path.ts";
import { readCredentials } from "../wire/credentials.ts";
import { broadcastOverHttp } from "../wire/http_request.ts";
import type { BroadcastRequest } from "../wire/messages.ts";
import { plain } from "./headers.ts";
import {
  authorize,
  enter,
  type HttpDoor,
  type HttpRooms,
  sessionLog,
  type Visitor,
} from "./rooms.ts";

/**
 * `PUT` and `POST` of a channel: what the body holds goes on the air until it ends. Answered when it
 * is over. Icecast source clients, whose body has no framing, are sent on to the TCP port (307).
 *
 * @throws {Refusal} `denied`, `limit` or `bad-request`.
 */
export async function broadcastByHttp(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Promise<Response> {
  if (hasNoEnd(request)) return sendOn(rooms, request);
  const wish = broadcastOverHttp({
    ...path,
    query: new URL(request.url).searchParams,
    authorization: request.headers.get("authorization"),
  });
  const body = request.body?.getReader();
  if (!body) throw new Refusal("bad-request", "a broadcast needs a body");
  let leave: (() => void) | undefined;
  try {
    leave = enter(rooms, visitor);
    const open = await openBroadcast(rooms, wish, visitor, "http");
    return await receiveBody(rooms, body, open);
  } catch (error) {
    body.cancel().catch(() => {}); // Or what a refused client sends on would be kept for nobody.
    throw error;
  } finally {
    leave?.();
  }
}

/**
 * Whether it is a request of HTTP/1 without any framing of its body, which then is empty (RFC 9112
 * §6.3): HTTP/2 has framing of its own, and no `Host`.
 */
function hasNoEnd({ method, headers }: Request): boolean {
  return (headers.has("host") || method === "SOURCE") &&
    !headers.has("content-length") && !headers.has("transfer-encoding");
}

/** Methods of Icecast source clients; `SOURCE` is that of the older ones. */
const SOURCE_METHODS = ["PUT", "SOURCE"];

/** Headers that tell of a proxy on the way. */
const PROXY_HEADERS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
];

/** Names the port that takes bodies without any end, in words and for those who follow. */
function sendOn(rooms: HttpRooms, request: Request): Response {
  const { tcpPort, tlsPort } = rooms;
  // TLS stays TLS: nobody is led to where a password can be read.
  const port = request.url.startsWith("https:") ? tlsPort : tcpPort;
  const text = "an endless body needs Transfer-Encoding: chunked; Icecast " +
    `source clients are served at port ${port ?? tcpPort}`;
  const location = port === undefined ? port : sourceLocation(port, request);
  return location === undefined
    ? plain(411, text)
    : plain(307, text, { location });
}

/**
 * Where a source client finds the TCP port: at the host that it named itself. It is handed back its own
 * name and password on the connection they came by, because ffmpeg forgets them when it is sent on; a
 * token it is not, for an address cannot carry one.
 *
 * @returns `undefined` behind a proxy that tells of itself, whose host need not have that port and whose
 * TLS would be lost, and for who named no host.
 */
function sourceLocation(
  port: number,
  { method, url, headers }: Request,
): string | undefined {
  const location = new URL(url);
  if (!SOURCE_METHODS.includes(method) || !headers.has("host")) {
    return undefined;
  }
  if (PROXY_HEADERS.some((name) => headers.has(name))) return undefined;
  const { user, password } = readCredentials(headers.get("authorization"));
  location.port = String(port);
  location.username = encodeURIComponent(user ?? "");
  location.password = encodeURIComponent(password ?? "");
  // Or the TCP port would wait for a payload behind a head without credentials.
  location.searchParams.set("reply", "1");
  return location.href;
}

async function receiveBody(
  { ticker, limits }: HttpRooms,
  body: ReadableStreamDefaultReader<Uint8Array>,
  { broadcast, revoked, log }: OpenBroadcast,
): Promise<Response> {
  let why = "the broadcaster's connection broke";
  try {
    why = await receive(body, broadcast, {
      ticker,
      idleMs: limits.broadcasterIdleMs,
      signal: revoked,
    });
  } catch {
    // A client that closes its socket right behind the last chunk may look like one whose connection
    // broke, for the runtime fails the body in both cases: then the channel is held.
  } finally {
    broadcast.end("broken"); // Nothing happens when it has ended in order.
    log("broadcast-end", { bytes: broadcast.bytes, reason: why });
  }
  return why === ENDED_IN_ORDER ? plain(200, "ok") : plain(409, why);
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
  door: HttpDoor,
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
