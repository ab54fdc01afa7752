import { messageOf, Refusal, REFUSALS } from "../errors.ts";
import {
  type Request as WireRequest,
  requestFrom,
} from "../protocol/messages.ts";
import { enter, type HttpRooms, type Visitor } from "./rooms.ts";
import type { ChannelPath } from "./route.ts";
import { broadcastBySocket } from "./socket_broadcast.ts";
import { watchBySocket } from "./socket_watch.ts";

/** Seconds without an answer to a ping after which a socket is dead. */
const PING_TIMEOUT_S = 30;

/** Close codes of our own begin here: 4000 plus the HTTP status of the refusal. */
const REFUSED = 4000;

/** Bytes that a close frame's reason may have (RFC 6455 §5.5 leaves 123 beside the code). */
const REASON_BYTES = 123;

/**
 * Takes a WebSocket on a channel's path. Its first message says in JSON what is asked for, with the
 * wire's keys; credentials stand there and never in the address.
 */
export function openSocket(
  rooms: HttpRooms,
  request: Request,
  path: ChannelPath,
  visitor: Visitor,
): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: PING_TIMEOUT_S,
  });
  socket.binaryType = "arraybuffer";
  serve(rooms, socket, path, visitor);
  return response;
}

async function serve(
  rooms: HttpRooms,
  socket: WebSocket,
  path: ChannelPath,
  visitor: Visitor,
): Promise<void> {
  let leave: (() => void) | undefined;
  try {
    leave = enter(rooms, visitor);
    const wish = readWish(
      await firstMessage(socket, rooms.limits.preludeMs),
      rooms,
      path,
    );
    if (wish.verb === "broadcast") {
      return await broadcastBySocket(rooms, socket, wish, visitor);
    }
    if (wish.verb === "watch") {
      return await watchBySocket(rooms, socket, wish, visitor);
    }
    throw new Refusal("bad-request", "a token is had by POST /api/token");
  } catch (error) {
    refuse(rooms, socket, error, visitor);
  } finally {
    leave?.();
  }
}

async function firstMessage(
  socket: WebSocket,
  limitMs: number,
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(
    () => reject(new Refusal("bad-request", "the request came too slowly")),
    limitMs,
  );
  socket.onmessage = (event): void => resolve(event.data);
  socket.onclose = (): void =>
    reject(new Refusal("bad-request", "closed before the request came"));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.onmessage = null;
    socket.onclose = null;
  }
}

function readWish(
  message: unknown,
  rooms: HttpRooms,
  path: ChannelPath,
): WireRequest {
  const values = readJson(message, rooms.limits.payloadBytes);
  const verb = values.get("verb") ?? "";
  return requestFrom(
    verb,
    values.set("user", path.user).set("channel", path.channel),
  );
}

/** A flat JSON object of texts and numbers, by key. */
function readJson(message: unknown, mostBytes: number): Map<string, string> {
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

function refuse(
  rooms: HttpRooms,
  socket: WebSocket,
  error: unknown,
  { remote }: Visitor,
): void {
  const refusal = error instanceof Refusal
    ? error
    : new Refusal("server", "the server failed");
  const reason = refusal.detail ?? messageOf(error);
  rooms.logger.log("refused", { remote, code: refusal.code, reason });
  closeSocket(
    socket,
    REFUSED + REFUSALS[refusal.code].httpStatus,
    refusal.message,
  );
}

/**
 * Closes a socket with a reason; nothing happens when it is closed.
 *
 * @param socket The socket.
 * @param code 1000, or one of our own from 4000 on.
 * @param reason What is told, cut to what fits.
 */
export function closeSocket(
  socket: WebSocket,
  code: number,
  reason: string,
): void {
  if (socket.readyState >= WebSocket.CLOSING) return;
  const bytes = new TextEncoder().encode(reason).subarray(0, REASON_BYTES);
  socket.close(code, new TextDecoder().decode(bytes).replace(/\ufffd$/, ""));
}
