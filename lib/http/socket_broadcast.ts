import type { BroadcastRequest } from "../protocol/messages.ts";
import type { Swept } from "../sweep.ts";
import { openBroadcast } from "./broadcast.ts";
import type { HttpRooms, Visitor } from "./rooms.ts";
import { closeSocket } from "./socket.ts";

/** Milliseconds between two messages that tell the broadcaster how he stands. */
const STATUS_MS = 1000;

/** Close code of a peer that was cut for being silent. */
const IDLE = 4008;

/** Close code of a broadcaster whose channel was taken away. */
const REVOKED = 4409;

/**
 * A broadcast over a WebSocket: each binary message is media. A close with code 1000 is a clean end.
 *
 * @returns When it is over.
 */
export async function broadcastBySocket(
  rooms: HttpRooms,
  socket: WebSocket,
  wish: BroadcastRequest,
  visitor: Visitor,
): Promise<void> {
  const { broadcast, revoked, log } = await openBroadcast(
    rooms,
    wish,
    visitor,
    "websocket",
  );
  const { sweep, limits } = rooms;
  const { promise: closed, resolve } = Promise.withResolvers<CloseEvent>();
  let newest = sweep.now;
  let told = sweep.now;
  const cut = (code: number, why: string): void => {
    broadcast.end("broken");
    closeSocket(socket, code, why);
  };
  const watch: Swept = {
    sweep: () => {
      if (sweep.ranOut(newest, limits.broadcasterIdleMs)) {
        return cut(
          IDLE,
          `sent no byte for ${limits.broadcasterIdleMs / 1000} s`,
        );
      }
      if (
        sweep.now - told < STATUS_MS || socket.readyState !== WebSocket.OPEN
      ) return;
      told = sweep.now;
      const { watchers } = broadcast.channel;
      socket.send(
        JSON.stringify({ type: "status", watchers, received: broadcast.bytes }),
      );
    },
  };
  revoked.addEventListener(
    "abort",
    () => cut(REVOKED, String(revoked.reason)),
    { once: true },
  );
  socket.onclose = resolve;
  socket.onmessage = ({ data }): void => {
    if (!(data instanceof ArrayBuffer)) return;
    newest = sweep.now;
    broadcast.append(new Uint8Array(data));
  };
  sweep.add(watch);
  socket.send(JSON.stringify({ type: "ok" }));
  const { code, reason } = await closed;
  sweep.delete(watch);
  broadcast.end(code === 1000 ? "clean" : "broken");
  log("broadcast-end", {
    bytes: broadcast.bytes,
    reason: reason || endOf(code),
  });
}

function endOf(code: number): string {
  return code === 1000
    ? "the broadcast ended"
    : `the socket closed with code ${code}`;
}
