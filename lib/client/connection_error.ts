/** Why a server cannot be reached, or does not answer as an fstream server would. */
export type ConnectionProblem =
  | "refused"
  | "unknown-host"
  | "unreachable"
  | "tls-expected"
  | "no-tls"
  | "unknown-issuer"
  | "wrong-name"
  | "expired"
  | "certificate"
  | "http"
  | "other-protocol"
  | "closed"
  | "no-answer";

/** There is no connection to a server, or no answer from it. */
export class ConnectionError extends Error {
  /** The most likely reason. */
  readonly problem: ConnectionProblem;

  /** Makes the error; `cause` is what the system reported. */
  constructor(problem: ConnectionProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "ConnectionError";
    this.problem = problem;
  }
}
