import { Refusal, REFUSALS } from "../errors.ts";
import type { ChannelPath } from "../wire/channel_path.ts";
import { type Request as WireRequest, requestFrom } from "../wire/messages.ts";
import {
  enter,
  type HttpRooms,
  logRefusal,
  type SocketPeer,
  type Visitor,
} from "./rooms.ts";
import { broadcastBySocket } from "./socket_broadcast.ts";
import { type SocketData, SocketInbox } from "./socket_inbox.ts";
import { closeSocket, GOING_AWAY, REFUSED } from "./socket_talk.ts";
import { watchBySocket } from "./socket_watch.ts";

/** Seconds without an answer to a ping after which a socket is dead. */
const PING_TIMEOUT_S = 30;

/**
 * Takes a WebSocket on a channel's path. Its first message says in JSON what is asked for, with the
 * wire's keys; credentials stand there and never in the address.
 *
 * @throws {Refusal} `bad-request` when the handshake is none (RFC 6455 §4.2.1).
 */
export function openSocket(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Response {
  const { socket, response } = upgrade(request);
  const inbox = new SocketInbox(socket);
  // Its session may be over before it has closed; what is on its way must not be cut off.
  inbox.closed.then(rooms.sessions.begin());
  rooms.sockets.watch(inbox.closed);
  serve(rooms, path, { ...visitor, socket, inbox });
  return response;
}

function upgrade(request: Request): Deno.WebSocketUpgrade {
  try {
    return Deno.upgradeWebSocket(request, { idleTimeout: PING_TIMEOUT_S });
  } catch {
    throw new Refusal("bad-request", "the WebSocket's handshake is wrong");
  }
}

async function serve(
  rooms: HttpRooms,
  path: ChannelPath,
  peer: SocketPeer,
): Promise<void> {
  let leave: (() => void) | undefined;
  try {
    await peer.inbox.opened; // Before that it could not even be told why it is refused.
    leave = enter(rooms, peer);
    const { preludeMs, payloadBytes } = rooms.limits;
    const message = await peer.inbox.first(preludeMs, rooms.sessions.closing);
    await act(rooms, readWish(message, payloadBytes, path), peer);
  } catch (error) {
    refuse(rooms, error, peer);
  } finally {
    leave?.();
  }
}

function act(
  rooms: HttpRooms,
  wish: WireRequest,
  peer: SocketPeer,
): Promise<void> {
  if (wish.verb === "broadcast") return broadcastBySocket(rooms, wish, peer);
  if (wish.verb === "watch") return watchBySocket(rooms, wish, peer);
  throw new Refusal("bad-request", "a token is had by POST /api/token");
}

/**
 * Reads a socket's first message. Whose channel it is, is told by the path, whatever the message says.
 *
 * @param message What came.
 * @param mostBytes Characters that are allowed.
 * @param path The socket's path.
 * @throws {Refusal} `bad-request` when it cannot be read.
 */
export function readWish(
  message: SocketData,
  mostBytes: number,
  path: ChannelPath,
): WireRequest {
  const values = readJson(message, mostBytes);
  const verb = values.get("verb") ?? "";
  return requestFrom(
    verb,
    values.set("user", path.user).set("channel", path.channel),
  );
}

/** A flat JSON object of texts and numbers, by key. */
function readJson(message: SocketData, mostBytes: number): Map<string, string> {
  if (typeof message !== "string" || message.length > mostBytes) {
    throw new Refusal(
      "bad-request",
      "the first message must be a short text in JSON",
    );
  }
  try {
    const values = new Map<string, string>();
    for (const [key, value] of Object.entries(JSON.parse(message) as object)) {
      if (typeof value === "string" || typeof value === "number") {
        values.set(key, String(value));
      }
    }
    return values;
  } catch {
    throw new Refusal("bad-request", "the first message is not JSON");
  }
}

function refuse(rooms: HttpRooms, error: unknown, peer: SocketPeer): void {
  if (rooms.sessions.closing.aborted) {
    return closeSocket(peer.socket, GOING_AWAY, "the server stops");
  }
  const { code, message } = logRefusal(rooms, error, peer);
  closeSocket(peer.socket, REFUSED + REFUSALS[code].httpStatus, message);
}
