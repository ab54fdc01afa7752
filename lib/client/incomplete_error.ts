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

/** The keys of the text that ends a framed stream. */
export type EndValues = ReadonlyMap<string, string>;

/** Why a server ended a stream, in one word; `unknown` where it says none. */
export function endReason(values: EndValues): string {
  const reason = values.get("reason") ?? "";
  return /^[a-z-]{1,32}$/.test(reason) ? reason : "unknown";
}

/** Makes the error for a stream that a server ended. */
export function endedByServer(
  what: "broadcast" | "stream",
  values: EndValues,
): IncompleteError {
  const reason = endReason(values);
  const message = values.get("message") ?? reason;
  return new IncompleteError(
    reason,
    `The server ended the ${what}: ${message}`,
  );
}
