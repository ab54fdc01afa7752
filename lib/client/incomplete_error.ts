/** A stream did not end in order, or not all of it was delivered. */
export class IncompleteError extends Error {
  /** The reason in one word, as the server sends it; `broken` when the connection broke. */
  readonly reason: string;

  /** Makes the error; `cause` is what made the connection fail. */
  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "IncompleteError";
    this.reason = reason;
  }
}
