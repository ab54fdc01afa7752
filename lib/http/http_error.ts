/** A message violates HTTP. Neither its text nor its cause quotes the peer, so both may be logged and sent. */
export class HttpError extends Error {
  /** The status that answers it, where an answer can still be sent. */
  readonly status: number;

  /**
   * Makes the error.
   *
   * @param status For instance 400.
   * @param message What is wrong, without anything the peer sent.
   */
  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}
