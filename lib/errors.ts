/**
 * The errors that are caught by what they mean, and the one table that maps a refusal to the wire,
 * to HTTP and to the exit status.
 *
 * @module
 */

/** Why the server refuses a peer; the `code` of a status frame. */
export type RefusalCode =
  | "bad-request"
  | "denied"
  | "forbidden"
  | "not-live"
  | "busy"
  | "limit"
  | "server";

/** What a refusal becomes beyond the wire. */
export interface RefusalMeaning {
  /** Status code of the HTTP front. */
  readonly httpStatus: number;
  /** What to do about it, in plain words, for the person at the client. */
  readonly hint: string;
}

/** Every refusal's meaning elsewhere. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalMeaning>> = {
  "bad-request": {
    httpStatus: 400,
    hint:
      "the server did not understand the request; compare the versions of client and server (fstream --version)",
  },
  denied: {
    httpStatus: 401,
    hint:
      "check user, password or token, and the channel password; a token is good for one use",
  },
  forbidden: {
    httpStatus: 403,
    hint:
      "sign in as the channel's user, or as a user whose file says admin=true",
  },
  "not-live": {
    httpStatus: 404,
    hint: "check user and channel; --wait 60 waits up to a minute for it",
  },
  busy: { httpStatus: 503, hint: "the server is busy; try again in a moment" },
  limit: {
    httpStatus: 503,
    hint: "the server has reached a limit, which its operator can raise",
  },
  server: { httpStatus: 500, hint: "the server failed; its log says why" },
};

/** Tells whether a word from the wire is a code of {@linkcode REFUSALS}. */
export function isRefusalCode(word: string): word is RefusalCode {
  return Object.hasOwn(REFUSALS, word);
}

/** The server will not do what a peer asked for. The message may be sent to the peer. */
export class Refusal extends Error {
  /** What the peer is told. */
  readonly code: RefusalCode;
  /** What only the log is told, where that is more. */
  readonly detail: string | undefined;

  /**
   * Makes the error.
   *
   * @param code What the peer is told.
   * @param message The same in words, without secrets.
   * @param detail What only the log is told.
   */
  constructor(code: RefusalCode, message: string, detail?: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.detail = detail;
  }
}

/** The command line, an environment variable or a setting is wrong. */
export class UsageError extends Error {
  /** What to do about it. */
  readonly hint: string | undefined;

  /**
   * Makes the error.
   *
   * @param message What is wrong.
   * @param hint What to do about it.
   */
  constructor(message: string, hint?: string) {
    super(message);
    this.name = "UsageError";
    this.hint = hint;
  }
}

/** Exit statuses of every command. */
export const EXIT = {
  /** The stream ended and every byte was delivered; for other commands: done. */
  done: 0,
  /** Failed, or incomplete. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The server refused. */
  refused: 3,
} as const;

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
