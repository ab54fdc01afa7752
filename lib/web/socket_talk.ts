/**
 * What is said to a WebSocket beside the media: texts in JSON, and the close with its reason.
 *
 * @module
 */

/** Milliseconds between two messages that tell a peer how its channel stands. */
export const STATUS_MS = 1000;

/** Close code of a channel's end (RFC 6455 §7.4.1). */
export const ENDED = 1000;

/** Close code when the server stops; worth another try (RFC 6455 §7.4.1). */
export const GOING_AWAY = 1001;

/** Close codes of refusals begin here: 4000 plus the HTTP status. */
export const REFUSED = 4000;

/** Close code of a peer that sends media before it is asked to. */
export const TOO_EARLY = 4400;

/** Close code of a peer that takes or sends no byte for too long. */
export const TOO_SLOW = 4008;

/** Close code of a broadcaster whose channel was taken away. */
export const REVOKED = 4409;

/** Bytes that a close frame's reason may have (RFC 6455 §5.5 leaves 123 beside the code). */
const REASON_BYTES = 123;

/** What a message tells: its `type`, and what belongs to it. */
export type SocketMessage =
  & { readonly type: "ok" | "stream" | "status" | "held" }
  & Readonly<Record<string, unknown>>;

/** Sends a message; nothing happens when the socket is not open. */
export function tell(socket: WebSocket, message: SocketMessage): void {
  if (socket.readyState === WebSocket.OPEN) {
    socket.send(JSON.stringify(message));
  }
}

/**
 * Closes a socket with a reason; nothing happens when it is closed.
 *
 * @param socket The socket.
 * @param code 1000, 1001, or one of our own from 4000 on.
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
