/** The peer broke the protocol or exceeded a cap; the connection must be closed. */
export class RtmpError extends Error {
  /** Takes a message that holds nothing of what the peer sent, so it may be logged and sent. */
  constructor(message: string) {
    super(message);
    this.name = "RtmpError";
  }
}
