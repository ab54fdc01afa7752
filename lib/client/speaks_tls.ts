import type { Address } from "../net/address.ts";
import { close, connect } from "./connect.ts";
import { ConnectionError, type ConnectionProblem } from "./connection_error.ts";
import { Deadline } from "./deadline.ts";

/** Milliseconds for a handshake that serves an error message alone. */
const PROBE_MS = 3000;

/** Problems of a handshake that only a TLS server causes. */
const TLS_PROBLEMS: readonly ConnectionProblem[] = [
  "unknown-issuer",
  "wrong-name",
  "expired",
  "certificate",
];

/** Whether a server that closed a connection without a word expects TLS, found out by a handshake. */
export async function speaksTls(
  address: Address,
  signal: AbortSignal,
): Promise<boolean> {
  using deadline = new Deadline(PROBE_MS, signal);
  const options = { address, wire: 2, reply: true, tls: {} } as const;
  try {
    close(await connect(options, deadline.signal));
    return true;
  } catch (error) {
    return error instanceof ConnectionError &&
      TLS_PROBLEMS.includes(error.problem);
  }
}
