/** Why a server cannot be reached, does not answer as an fstream server would, or is lost. */
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
  | "no-answer"
  | "ended"
  | "broken";

/** There is no connection to a server, no answer from it, or no connection any more. */
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
