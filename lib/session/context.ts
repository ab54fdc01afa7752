import type { Authenticate, Protocol } from "../auth/authenticate.ts";
import type { LinkStore } from "../auth/link_store.ts";
import type { TokenStore } from "../auth/token_store.ts";
import type { LoginRateLimiter } from "../auth/rate_limit/login_rate_limiter.ts";
import type { LogThrottle } from "../clock/log_throttle.ts";
import type { Ticker } from "../clock/ticker.ts";
import { messageOf, Refusal } from "../errors.ts";
import type { UrlSigner } from "../hls/url_signer.ts";
import type { Hub } from "../hub/hub.ts";
import type { LogFields, Logger } from "../logger.ts";
import { formatAddress } from "../net/address.ts";
import type { Connection } from "../net/connection.ts";
import type { ConnectionLimits } from "../net/connection_limits.ts";
import type { Trusts } from "../net/ip_network.ts";
import type { RequestLimits } from "./request_decoder.ts";

/** What a session may use. */
export interface SessionLimits extends RequestLimits {
  /** Milliseconds for everything before media, TLS handshake excluded. */
  readonly requestMs: number;
  /** Milliseconds between two requests on a connection that is kept alive. */
  readonly keepAliveMs: number;
  /** Milliseconds without a byte after which a broadcaster is cut. */
  readonly broadcasterIdleMs: number;
}

/** The client of an HTTP request. */
export interface Client {
  /** `ip:port`; behind a trusted proxy the address that the proxy reports. */
  readonly remote: string;
}

/** Serves every HTTP request that carries no media: pages, API, assets. Never rejects. */
export type WebHandler = (
  request: Request,
  client: Client,
) => Promise<Response>;

/** What all sessions share. */
export interface ServerContext {
  /** The channels. */
  readonly hub: Hub;
  /** Decides about every request. */
  readonly authenticate: Authenticate;
  /** Limits guesses of channel passwords. */
  readonly loginLimiter: LoginRateLimiter;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Signs the addresses of HLS. */
  readonly urlSigner: UrlSigner;
  /** Links to watch a channel without its password. */
  readonly links: LinkStore;
  /** Drives the time limits. */
  readonly ticker: Ticker;
  /** Counts connections by network. */
  readonly connections: ConnectionLimits;
  /** Whether the `X-Forwarded-For` of an address is trusted. */
  readonly trusts: Trusts;
  /** Caps of a session. */
  readonly limits: SessionLimits;
  /** The origin whose pages may use this server from other sites; `*` for all, empty for none. */
  readonly allowOrigin: string;
  /** Takes events. */
  readonly logger: Logger;
  /** Takes refusals, at most a few a second. */
  readonly refusals: LogThrottle;
  /** Serves HTTP requests that carry no media. */
  readonly web: WebHandler;
  /** Whether the server is shutting down. */
  readonly isClosing: () => boolean;
  /** Addresses of servers that have the same channels, for peers that have to leave this one. */
  readonly otherServers: () => readonly string[];
}

/** One request of a connection: who sent it, and over which protocol. */
export class Session {
  /** What all sessions share. */
  readonly context: ServerContext;
  /** The connection. */
  readonly connection: Connection;
  /** How the request came. */
  readonly protocol: Protocol;
  /** `ip:port` of the client. */
  readonly remote: string;
  /** The channel that the request names, once it has been read. */
  target: { readonly user?: string; readonly channel?: string } = {};

  /**
   * Starts the session of one request.
   *
   * @param remote `ip:port` of the client where a trusted proxy reports it; default: the connection's.
   */
  constructor(
    context: ServerContext,
    connection: Connection,
    protocol: Protocol,
    remote: string = formatAddress(connection.remote),
  ) {
    this.context = context;
    this.connection = connection;
    this.protocol = protocol;
    this.remote = remote;
  }

  /** Logs an event of this session. */
  log(event: string, fields: LogFields = {}): void {
    this.context.logger.log(event, { ...this.#fields, ...fields });
  }

  /**
   * Logs why a request is refused.
   *
   * @param error A {@linkcode Refusal}, or whatever went wrong.
   * @returns What the peer may be told.
   */
  logRefusal(error: unknown): Refusal {
    return logRefusal(this.context, this.connection, this.#fields, error);
  }

  get #fields(): LogFields {
    const { user, channel } = this.target;
    return { user, channel, protocol: this.protocol, remote: this.remote };
  }
}

/**
 * Logs why a connection's request is refused.
 *
 * @param who The fields that name the session, as far as it is known.
 * @returns What the peer may be told.
 */
export function logRefusal(
  { refusals }: ServerContext,
  { cutReason }: Connection,
  who: LogFields,
  error: unknown,
): Refusal {
  const refusal = error instanceof Refusal
    ? error
    : cutReason !== undefined
    ? new Refusal("limit", "the connection was cut", cutReason)
    : new Refusal("server", "the server failed", messageOf(error));
  const { code, message, detail } = refusal;
  const reason = cutReason ?? detail ?? message;
  refusals.log("refused", `${code} ${message}`, { ...who, code, reason });
  return refusal;
}
