import type { Authenticate, AuthRequest, UserSettings } from "../auth/auth.ts";
import type { TokenStore } from "../auth/token.ts";
import type { ConnectionCaps } from "../connection_caps.ts";
import { Refusal } from "../errors.ts";
import type { Hub } from "../hub/hub.ts";
import type { LogFields, Logger } from "../logger.ts";
import type { Sweep } from "../sweep.ts";

/** What the HTTP front works with. */
export interface HttpRooms {
  /** The channels. */
  readonly hub: Hub;
  /** Decides who may do what. */
  readonly authenticate: Authenticate;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Watches over the limits of time. */
  readonly sweep: Sweep;
  /** Told of every event. */
  readonly logger: Logger;
  /** Counts connections, of all fronts together. */
  readonly caps: ConnectionCaps;
  /** Renders the metrics for Prometheus. */
  readonly metrics: () => string;
  /** The program's version. */
  readonly version: string;
  /** The port of the TCP front, for the lines that the pages show. */
  readonly tcpPort: number;
  /** What a session may take. */
  readonly limits: HttpLimits;
  /** Who may read media from other sites: an origin, `*`, or nothing for nobody. */
  readonly allowOrigin: string;
}

/** What a session of the HTTP front may take. */
export interface HttpLimits {
  /** Bytes of a request in JSON. */
  readonly payloadBytes: number;
  /** Milliseconds for a WebSocket's first message. */
  readonly preludeMs: number;
  /** Milliseconds a watcher may take no byte. */
  readonly watcherStallMs: number;
  /** Milliseconds a broadcaster may send no byte. */
  readonly broadcasterIdleMs: number;
}

/** Who is at the other end. */
export interface Visitor {
  /** `ip:port`. */
  readonly remote: string;
}

/**
 * Asks whether a request may go on.
 *
 * @returns The user's settings, where there are any.
 * @throws {Refusal} `denied` when it may not.
 */
export async function authorize(
  rooms: HttpRooms,
  request: AuthRequest,
): Promise<UserSettings | undefined> {
  const decision = await rooms.authenticate(request);
  if (decision.allow) return decision.rights;
  throw new Refusal("denied", "access denied", decision.reason);
}

/** Writes a session's log lines. */
export function sessionLog(
  rooms: HttpRooms,
  who: {
    readonly user: string;
    readonly channel: string;
    readonly remote: string;
  },
): (event: string, more?: LogFields) => void {
  const { user, channel, remote } = who;
  return (event, more = {}) =>
    rooms.logger.log(event, { user, channel, remote, ...more });
}

/**
 * Counts a session in; requests that are answered at once are not counted.
 *
 * @returns Counts it out again; to be called once.
 * @throws {Refusal} `limit` when there is no room for it.
 */
export function enter(rooms: HttpRooms, { remote }: Visitor): () => void {
  const host = remote.slice(0, remote.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  const full = rooms.caps.enter(host);
  if (full) throw new Refusal("limit", "too many connections", full);
  return () => rooms.caps.leave(host);
}
