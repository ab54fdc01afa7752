import {
  AuthorizationError,
  TimeoutError,
  UserAuthenticationExpiredError,
} from "@nats-io/nats-core/internal";

/**
 * What is wrong with a NATS, as a sentence about it.
 *
 * @param hasLogin Whether NATS is told who this is.
 */
export function problemOf(error: unknown, hasLogin: boolean): string {
  if (isRefused(error)) {
    const words = error instanceof Error ? error.message : "";
    return hasLogin
      ? `it refuses the credentials (${words})`
      : `it wants credentials, and there are none (${words})`;
  }
  if (error instanceof TimeoutError) return "it does not answer";
  const message = error instanceof Error ? error.message : String(error);
  return message.includes("UnknownIssuer")
    ? `its certificate is of an unknown authority, which nats-ca can name (${message})`
    : message;
}

/** Whether NATS is there and does not let this node in. */
export function isRefused(error: unknown): boolean {
  return error instanceof AuthorizationError ||
    error instanceof UserAuthenticationExpiredError;
}
