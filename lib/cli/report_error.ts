import {
  ConnectionError,
  type ConnectionProblem,
} from "../client/connection_error.ts";
import { IncompleteError } from "../client/incomplete_error.ts";
import { DEFAULT_PORT, DEFAULT_TLS_PORT } from "../config/config.ts";
import { EXIT, messageOf, Refusal, REFUSALS, UsageError } from "../errors.ts";
import { escapeControls } from "../logger.ts";
import { Interrupted } from "./end_signal.ts";
import { Failure } from "./failure.ts";
import { sayError } from "./terminal.ts";

const OTHER_SERVER =
  `fstream listens on port ${DEFAULT_PORT} unless it is told otherwise; name the right one: fstream HOST:PORT …`;

/** What to do when there is no connection, no answer, or no connection any more. */
const CONNECTION_HINTS: Readonly<Record<ConnectionProblem, string>> = {
  refused: "is the server running there? start one with: fstream serve",
  "unknown-host": "check the spelling of the host name",
  unreachable:
    "check the address, and that this machine is connected to its network",
  "tls-expected":
    `add --tls, or name the port without TLS (${DEFAULT_PORT} by default)`,
  "no-tls":
    `the server does not speak TLS on this port: leave out --tls, or name its TLS port (${DEFAULT_TLS_PORT} by default)`,
  "unknown-issuer":
    "if the certificate is your own, trust its authority: --tls-ca FILE.pem",
  "wrong-name": "use the host name that the certificate was issued for",
  expired:
    "the server's operator must renew the certificate; check this machine's clock too",
  certificate: "the server's operator must replace the certificate",
  http: OTHER_SERVER,
  "other-protocol": OTHER_SERVER,
  closed:
    "is that an fstream server? a TLS port needs --tls, and a server that knows no status frames --no-reply",
  "no-answer":
    "is that an fstream server? a server that knows no status frames needs --no-reply",
  ended:
    "another broadcast may have taken over the channel; the server's log says why",
  broken: "what was received or sent is incomplete; try again",
};

const RECONNECT_LONGER =
  "--reconnect TIME sets how long the client tries, and off that it does not";

/** What to do when a stream is incomplete, by the reason. */
const INCOMPLETE_HINTS: Readonly<Record<string, string>> = {
  broken: RECONNECT_LONGER,
  restart: RECONNECT_LONGER,
  lost:
    "the connection is too slow for the stream, or was gone for longer than the server's backlog lasts",
  "taken-over":
    "a newer broadcast uses the channel; --channel NAME broadcasts on another one",
  idle: "the encoder wrote nothing for too long; its own messages may say why",
};

/**
 * Reports an error that ends a command.
 *
 * @returns The exit status.
 */
export function reportError(error: unknown): number {
  if (error instanceof Interrupted) return error.status;
  if (error instanceof UsageError) {
    sayError(error.message, error.hint);
    return EXIT.usage;
  }
  if (error instanceof Refusal) {
    // The server chose the words, and a terminal would obey what is hidden in them.
    const message = escapeControls(error.message);
    sayError(`the server refused: ${message}`, REFUSALS[error.code].hint);
    return EXIT.refused;
  }
  // A server's reason may be part of the message.
  const isServers = error instanceof IncompleteError;
  const message = messageOf(error);
  sayError(isServers ? escapeControls(message) : message, hintFor(error));
  return EXIT.failed;
}

function hintFor(error: unknown): string | undefined {
  if (error instanceof Failure) return error.hint;
  if (error instanceof IncompleteError) return INCOMPLETE_HINTS[error.reason];
  if (error instanceof ConnectionError) return CONNECTION_HINTS[error.problem];
  return undefined;
}
