/**
 * Close codes of WebSocket connections (RFC 6455 §7.4).
 *
 * @module
 */

/** Close codes that the server sends. */
export const CLOSE = {
  /** The stream ended. */
  normal: 1000,
  /** The server is shutting down; worth another try. */
  goingAway: 1001,
  /** The peer violated RFC 6455. */
  protocolError: 1002,
  /** A kind of message that the server does not take. */
  unsupportedData: 1003,
  /** Text that is not UTF-8. */
  invalidPayload: 1007,
  /** A violation of the server's own rules. */
  policyViolation: 1008,
  /** A message above the server's cap. */
  messageTooBig: 1009,
  /** The server failed. */
  internalError: 1011,
  /** The operator or the channel's user disconnected the peer. */
  kicked: 4410,
  /** The peer sends or accepts no byte for too long. */
  tooSlow: 4008,
  /** The broadcaster lost the channel: taken over, or ended by the server. */
  revoked: 4409,
} as const;

/** Private codes begin here (RFC 6455 §7.4.2); a rejected request adds its HTTP status. */
const PRIVATE_CODES = 4000;

/** The close code of a request that was rejected with an HTTP status from 100 to 599. */
export function closeCodeOfStatus(httpStatus: number): number {
  return PRIVATE_CODES + httpStatus;
}

/**
 * Tells whether a close frame may carry this code: one that IANA has registered for use on the wire,
 * or one from the ranges for libraries (3000–3999) and private use (4000–4999).
 */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
    (code >= 3000 && code <= 4999);
}
