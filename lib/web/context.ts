import type { Authenticate } from "../auth/authenticate.ts";
import type { LinkStore } from "../auth/link_store.ts";
import type { TokenStore } from "../auth/token_store.ts";
import type { LogThrottle } from "../clock/log_throttle.ts";
import type { Hub } from "../hub/hub.ts";
import type { Logger } from "../logger.ts";
import type { EventFeed } from "./event_feed.ts";
import type { NodeQuestion } from "./node_answers.ts";

/** What a server answered. */
export interface NodeAnswer {
  /** The server's name; `undefined` for the only one. */
  readonly node: string | undefined;
  /** Its answer. */
  readonly answer: unknown;
}

/** What other servers answered. */
export interface NodeAnswers {
  /** Their answers with their names, without those that had nothing to say. */
  readonly answers: readonly NodeAnswer[];
  /** Names of those that did not answer in time. */
  readonly unanswered: readonly string[];
}

/** The other servers of a cluster, as far as pages and API tell of them. */
export interface ClusterView {
  /** This server's name; empty for none. */
  readonly node: string;
  /** Whether this server is connected with the others. */
  readonly isConnected: () => boolean;
  /** What lists show of the channels whose broadcasters are at other servers. */
  readonly listings: () => readonly Readonly<Record<string, unknown>>[];
  /** How many watch a channel at other servers. */
  readonly watchersOf: (user: string, channel: string) => number;
  /** Asks the other servers what {@linkcode answerNode} answers; resolves within two seconds. */
  readonly ask: (question: NodeQuestion) => Promise<NodeAnswers>;
}

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
  /** The other servers; absent where there are none. */
  readonly cluster?: ClusterView;
}
