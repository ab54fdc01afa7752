import type { Authenticate } from "../auth/authenticate.ts";
import type { TokenStore } from "../auth/token_store.ts";
import type { LogThrottle } from "../clock/log_throttle.ts";
import type { Hub } from "../hub/hub.ts";
import type { Logger } from "../logger.ts";

/** What pages and API work with. */
export interface WebContext {
  /** The channels. */
  readonly hub: Hub;
  /** Decides about requests for tokens. */
  readonly authenticate: Authenticate;
  /** The one-time tokens. */
  readonly tokens: TokenStore;
  /** Takes events. */
  readonly logger: Logger;
  /** Takes refusals, at most a few a second. */
  readonly refusals: LogThrottle;
  /** Renders the metrics for Prometheus. */
  readonly metrics: () => string;
  /** The program's version. */
  readonly version: string;
  /** The origin whose pages may read from here; `*` for all, empty for none. */
  readonly allowOrigin: string;
}
