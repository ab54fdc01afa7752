/** The peer broke the protocol or exceeded a cap; the connection must be closed with a code. */
export class WebSocketError extends Error {
  /** The close code to send (RFC 6455 §7.4.1). */
  readonly code: number;

  /** Takes the close code, and a message that holds nothing of what the peer sent, so it may be logged and sent. */
  constructor(code: number, message: string) {
    super(message);
    this.name = "WebSocketError";
    this.code = code;
  }
}
