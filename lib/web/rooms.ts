import type {
  Allowed,
  Authenticate,
  AuthRequest,
} from "../auth/authenticate.ts";
import type { TokenStore } from "../auth/token_store.ts";
import type { ConnectionCaps } from "../net/connection_limits.ts";
import { messageOf, Refusal } from "../errors.ts";
import type { Hub, Watch } from "../hub/hub.ts";
import type { LogFields, Logger } from "../logger.ts";
import type { WatchRequest } from "../wire/messages.ts";
import type { Ticker } from "../clock/ticker.ts";
import type { OpenSessions } from "./open_sessions.ts";
import type { SocketMemory } from "./socket_memory.ts";
import type { SocketInbox } from "./socket_inbox.ts";

/** What the HTTP front works with. */
export interface HttpRooms {
  /** The channels. */
  readonly hub: Hub;
  /** Decides who may do what. */
  readonly authenticate: Authenticate;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Watches over the limits of time. */
  readonly ticker: Ticker;
  /** Told of every event. */
  readonly logger: Logger;
  /** Counts the front's own sessions, and tells them when the server stops. */
  readonly sessions: OpenSessions;
  /** Keeps WebSockets from filling the memory. */
  readonly sockets: SocketMemory;
  /** Counts connections, of all fronts together. */
  readonly caps: ConnectionCaps;
  /** Renders the metrics for Prometheus. */
  readonly metrics: () => string;
  /** The program's version. */
  readonly version: string;
  /** The port of the TCP front, for the lines that the pages show. */
  readonly tcpPort: number;
  /** The port where the TCP front speaks TLS; `undefined` when it does not. */
  readonly tlsPort?: number | undefined;
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

/** A WebSocket's other end. */
export interface SocketPeer extends Visitor {
  /** The socket, to send to and to close. */
  readonly socket: WebSocket;
  /** What comes from it. */
  readonly inbox: SocketInbox;
}

/**
 * Asks whether a request may go on.
 *
 * @returns The decision that allows it.
 * @throws {Refusal} `denied` when it may not.
 */
export async function authorize(
  rooms: HttpRooms,
  request: AuthRequest,
): Promise<Allowed> {
  const decision = await rooms.authenticate(request);
  if (decision.allow) return decision;
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

/** Where a session came in. */
export type HttpDoor = "http" | "websocket";

/** A watcher that has been let in. */
export interface OpenWatch {
  /** Its place in the channel. */
  readonly watch: Watch;
  /** Writes the session's log lines. */
  readonly log: ReturnType<typeof sessionLog>;
}

/**
 * Lets a watcher in who may.
 *
 * @param rooms What it works with.
 * @param wish What is asked for, with `signal` to end a wait, and whether decoders are opened anew.
 * @param visitor Who asks.
 * @param door Where.
 * @throws {Refusal} `denied`, `not-live` or `limit`.
 */
export async function openWatch(
  rooms: HttpRooms,
  wish: WatchRequest & {
    readonly signal: AbortSignal;
    readonly freshDecoder?: boolean;
  },
  { remote }: Visitor,
  door: HttpDoor,
): Promise<OpenWatch> {
  const { verb, user, channel, channelPassword } = wish;
  await authorize(rooms, {
    ...{ verb, user, channel, remote, protocol: door },
    ...(channelPassword === "" ? {} : { channelPassword }),
  });
  const watch = await rooms.hub.watch({ ...wish, door });
  return { watch, log: sessionLog(rooms, { user, channel, remote }) };
}

/**
 * Makes a refusal of what was thrown, and tells the log.
 *
 * @returns What the peer may be told.
 */
export function logRefusal(
  rooms: HttpRooms,
  error: unknown,
  { remote }: Visitor,
): Refusal {
  const refusal = error instanceof Refusal
    ? error
    : new Refusal("server", "the server failed");
  const reason = refusal.detail ?? messageOf(error);
  rooms.logger.log("refused", { remote, code: refusal.code, reason });
  return refusal;
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
  const end = rooms.sessions.begin();
  return () => {
    rooms.caps.leave(host);
    end();
  };
}
