import type { Authenticate } from "../auth/authenticate.ts";
import type { LinkStore } from "../auth/link_store.ts";
import type { TokenStore } from "../auth/token_store.ts";
import type { LogThrottle } from "../clock/log_throttle.ts";
import type { Hub } from "../hub/hub.ts";
import type { Logger } from "../logger.ts";
import type { EventFeed } from "./event_feed.ts";

/** What pages and API work with. */
export interface WebContext {
  /** The channels. */
  readonly hub: Hub;
  /** Decides about requests for tokens. */
  readonly authenticate: Authenticate;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Links to watch a channel without its password. */
  readonly links: LinkStore;
  /** Takes events. */
  readonly logger: Logger;
  /** Hands events to those who follow them. */
  readonly events: EventFeed;
  /** Takes refusals, at most a few a second. */
  readonly refusals: LogThrottle;
  /** Whether lists may name a channel. */
  readonly isListed: (user: string, channel: string) => boolean;
  /** What `GET /api/channels` and `GET /metrics` ask for as Bearer credentials; `undefined`: nothing. */
  readonly bearers: { readonly api?: string; readonly metrics?: string };
  /** Renders the metrics for Prometheus. */
  readonly metrics: () => string;
  /** The program's version. */
  readonly version: string;
  /** The origin whose pages may read from here; `*` for all, empty for none. */
  readonly allowOrigin: string;
}
