import { Refusal } from "../errors.ts";
import { channelProblem, nameProblem } from "./users/names.ts";

/** What a peer asks for and what it shows for it. */
export interface AuthRequest {
  /** `token` asks for a one-time token to broadcast with later. */
  readonly verb: "broadcast" | "watch" | "token";
  /** Whose channel it is. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** The user's password; absent when the peer sent none. */
  readonly password?: string;
  /** A one-time token; absent when the peer sent none. */
  readonly token?: string;
  /** The peer's address as `ip:port`, IPv6 in brackets. */
  readonly remote: string;
  /** Where the peer came in: `tcp1`, `tcp2`, `http` … */
  readonly door: string;
}

/** The settings of a user as they were written: raw strings by lower-case key, never a password. */
export interface UserSettings {
  /** Settings of the user. */
  readonly values: ReadonlyMap<string, string>;
  /** Settings by channel's name; each also holds the user's own where the channel sets nothing else. */
  readonly channels: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** An answer to an {@linkcode AuthRequest}. The reason is for the log and is never sent to the peer. */
export type AuthDecision =
  | { readonly allow: true; readonly rights?: UserSettings }
  | { readonly allow: false; readonly reason: string };

/**
 * Decides about a request. What goes wrong becomes a refusal; it rejects only with a `Refusal` that says
 * nothing of the request (`busy`), which is neither counted as a failed sign-in nor final.
 */
export type Authenticate = (request: AuthRequest) => Promise<AuthDecision>;

/**
 * One way to decide. `undefined` leaves the request to the next method. A method is called with good
 * names only, and one that rejects refuses the request; with a `Refusal` it puts it off.
 */
export type AuthMethod = (
  request: AuthRequest,
) => Promise<AuthDecision | undefined>;

/**
 * Words a refusal.
 *
 * @param reason What the log says of it.
 * @returns The refusal.
 */
export function refusal(reason: string): AuthDecision {
  return { allow: false, reason };
}

/**
 * Words what was thrown for a refusal's reason.
 *
 * @param error What was caught.
 * @returns Its message, or its text when it is no error.
 */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function requestProblem(request: AuthRequest): string | undefined {
  const user = nameProblem(request.user);
  if (user !== undefined) return `the user's name ${user}`;
  const channel = channelProblem(request.channel);
  if (channel !== undefined) return `the channel's name ${channel}`;
  return undefined;
}

async function firstDecision(
  methods: readonly AuthMethod[],
  request: AuthRequest,
): Promise<AuthDecision> {
  for (const method of methods) {
    const decision = await method(request);
    if (decision !== undefined) return decision;
  }
  return refusal("no method of authentication takes the request");
}

/**
 * Makes one function of several methods. Names are looked at before any method; then the methods are
 * asked in order and the first decision holds. What nobody decides is refused.
 *
 * @param methods The methods, the one asked first in front.
 * @returns The function from a request to a decision.
 */
export function composeMethods(methods: readonly AuthMethod[]): Authenticate {
  return async function authenticate(request): Promise<AuthDecision> {
    const problem = requestProblem(request);
    if (problem !== undefined) return refusal(problem);
    try {
      return await firstDecision(methods, request);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      return refusal(reasonOf(error));
    }
  };
}
