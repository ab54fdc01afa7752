import { messageOf, Refusal } from "../errors.ts";
import { channelProblem, nameProblem } from "./users/names.ts";

/** The protocol that a peer speaks, the same word in logs, metrics and {@linkcode AuthRequest}s. */
export type Protocol =
  | "fstream1"
  | "fstream2"
  | "http"
  | "hls"
  | "icecast"
  | "rtmp"
  | "websocket";

/** What a peer asks for and the credentials it gives, the same whatever the protocol. */
export interface AuthRequest {
  /** `token` asks for a one-time token to broadcast with later, `manage` to see and steer channels. */
  readonly verb: "broadcast" | "watch" | "token" | "manage";
  /** Whose channel it is; with `token` and `manage` who asks. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** The user's password; absent when the peer sent none. */
  readonly password?: string;
  /** A one-time token; absent when the peer sent none. */
  readonly token?: string;
  /** The channel password as the peer gave it; absent when it gave none. */
  readonly channelPassword?: string;
  /** The peer's address as `ip:port`, IPv6 in brackets. */
  readonly remote: string;
  /** The protocol that the peer speaks. */
  readonly protocol: Protocol;
}

/** The settings of a user as they were written: raw strings by lower-case key, never a password. */
export interface UserSettings {
  /** Settings of the user. */
  readonly values: ReadonlyMap<string, string>;
  /** Settings by channel name; each also holds the user's own where the channel sets nothing else. */
  readonly channels: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** An {@linkcode AuthRequest} that is allowed. */
export interface Allowed {
  /** It is. */
  readonly allow: true;
  /** The user's settings, which say what else the user may do; absent where they are unknown. */
  readonly settings?: UserSettings;
  /** A digest of the password that the user signed in with; a token issued now is void once it changes. */
  readonly credentials?: string;
}

/** An {@linkcode AuthRequest} that is denied. */
export interface Denied {
  /** It is not allowed. */
  readonly allow: false;
  /** Why, for the log; never sent to the peer. */
  readonly reason: string;
}

/** An answer to an {@linkcode AuthRequest}. */
export type AuthDecision = Allowed | Denied;

/**
 * Decides about a request. It rejects with a `Refusal` alone, `busy` or `server`, when the server cannot
 * tell: that is no answer to the credentials.
 */
export type Authenticate = (request: AuthRequest) => Promise<AuthDecision>;

/**
 * One way to decide. `undefined` leaves the request to the next method. It is called with valid names
 * only, and it rejects when it cannot tell: with a `Refusal` that says so to the peer, or with anything
 * else, which becomes `server`.
 */
export type AuthMethod = (
  request: AuthRequest,
) => Promise<AuthDecision | undefined>;

/** The decision against a request; the reason is for the log. */
export function denied(reason: string): Denied {
  return { allow: false, reason };
}

/** The refusal when the server itself failed, so that nothing is known about the credentials. */
export function authFailure(
  code: "busy" | "server",
  error: unknown,
): Refusal {
  return new Refusal(code, "sign-ins cannot be checked now", messageOf(error));
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
  return denied("no authentication method accepts the request");
}

/**
 * Makes one function of several methods: names are checked first, then the methods are asked in order
 * and the first decision holds. A request that no method decides is denied; a method that fails ends
 * the request with a `Refusal`.
 */
export function composeMethods(methods: readonly AuthMethod[]): Authenticate {
  return async function authenticate(request): Promise<AuthDecision> {
    const problem = requestProblem(request);
    if (problem !== undefined) return denied(problem);
    try {
      return await firstDecision(methods, request);
    } catch (error) {
      throw error instanceof Refusal ? error : authFailure("server", error);
    }
  };
}
