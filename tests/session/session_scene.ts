import { concat } from "@std/bytes";
import {
  type Authenticate,
  type AuthRequest,
  composeMethods,
} from "../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../lib/auth/methods/password.ts";
import { tokenMethod } from "../../lib/auth/methods/token.ts";
import { LoginRateLimiter } from "../../lib/auth/rate_limit/login_rate_limiter.ts";
import { LinkStore } from "../../lib/auth/link_store.ts";
import { TokenStore } from "../../lib/auth/token_store.ts";
import { LogThrottle } from "../../lib/clock/log_throttle.ts";
import { Ticker } from "../../lib/clock/ticker.ts";
import { UrlSigner } from "../../lib/hls/url_signer.ts";
import { Hub, type HubOptions } from "../../lib/hub/hub.ts";
import type { Publisher } from "../../lib/hub/publisher.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import {
  type ConnectionFacts,
  SocketConnection,
} from "../../lib/net/socket_connection.ts";
import type { Logger } from "../../lib/logger.ts";
import type {
  ServerContext,
  SessionLimits,
} from "../../lib/session/context.ts";
import { serveConnection } from "../../lib/session/serve.ts";
import type { WebContext } from "../../lib/web/context.ts";
import { EventFeed } from "../../lib/web/event_feed.ts";
import { createHandler } from "../../lib/web/handler.ts";
import { createMetrics } from "../../lib/web/metrics.ts";
import { publishOptions } from "../hub/hub_scene.ts";
import { cheapCheck } from "../helpers/cheap_hashes.ts";
import { MemoryTransport } from "../helpers/memory_transport.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { EventLog, PASSWORD } from "../helpers/start_server.ts";
import { Leftovers } from "./leftovers.ts";

/** Where every peer of a scene comes from. */
export const REMOTE = { host: "192.0.2.1", port: 5000 };

/** What a test wants to be different. */
export interface SceneOptions {
  readonly limits?: Partial<SessionLimits>;
  readonly hub?: Partial<HubOptions>;
  readonly allowOrigin?: string;
  readonly connections?: number;
  /** Milliseconds after which a write that makes no progress cuts its connection. */
  readonly stallMs?: number;
  /** Replaces users and tokens. */
  readonly authenticate?: Authenticate;
  /** Whether lists may name a channel; default all. */
  readonly isListed?: WebContext["isListed"];
  /** Tokens that lists and metrics ask for. */
  readonly bearers?: WebContext["bearers"];
  /** Whether every address counts as a trusted proxy's. */
  readonly trusts?: boolean;
}

/** A whole server but for its sockets: connections are in memory. */
export class SessionScene implements AsyncDisposable {
  readonly log: EventLog = new EventLog();
  readonly hub: Hub;
  readonly events: EventFeed = new EventFeed(this.log);
  readonly context: ServerContext;
  readonly web: WebContext;
  /** Every request that was to be authorized. */
  readonly asked: AuthRequest[] = [];
  readonly #ticker: Ticker = new Ticker(() => performance.now());
  readonly #connections: Set<SocketConnection> = new Set();
  readonly #serving: Set<Promise<void>> = new Set();
  readonly #leftovers: Leftovers;
  /** Milliseconds that the hub's clock is ahead. */
  #aheadMs = 0;
  #closing = false;

  /** Starts one. */
  constructor(options: SceneOptions = {}) {
    const { now = () => performance.now(), ...hubOptions } = options.hub ?? {};
    this.hub = makeHub(this.events, {
      ...hubOptions,
      now: () => now() + this.#aheadMs,
    });
    const tokens = new TokenStore();
    const shared = {
      hub: this.hub,
      authenticate: this.#recording(options.authenticate ?? usersOf(tokens)),
      loginLimiter: new LoginRateLimiter({
        sleep: () => Promise.resolve(), // No test waits for a guess.
      }),
      tokens,
      urlSigner: new UrlSigner(),
      links: new LinkStore(),
      ticker: this.#ticker,
      connections: new ConnectionLimits({
        total: options.connections ?? 100,
        perNetwork: options.connections ?? 100,
      }),
      trusts: () => options.trusts ?? false,
      limits: { ...LIMITS, ...options.limits },
      allowOrigin: options.allowOrigin ?? "",
      logger: this.events,
      refusals: new LogThrottle(this.log, this.#ticker),
      isClosing: () => this.#closing,
      otherServers: () => [],
    };
    const { isListed = () => true, bearers = {} } = options;
    this.web = {
      ...{ ...shared, isListed, bearers, version: "1.2.3" },
      events: this.events,
      metrics: this.#metrics(isListed),
    };
    this.context = { ...shared, web: createHandler(this.web) };
    const stallMs = options.stallMs ?? 30_000;
    this.#ticker.add({
      tick: () =>
        this.#connections.forEach((each) => each.cutIfStalled(stallMs)),
    });
    this.#leftovers = new Leftovers(this.context);
  }

  /**
   * Connects, and sends what is given at once.
   *
   * @param first What to send.
   */
  async connect(...first: readonly Uint8Array[]): Promise<RawPeer> {
    const peer = new RawPeer(this.transport());
    if (first.length > 0) await peer.send(concat(first));
    return peer;
  }

  /** Connects; the caller speaks for itself. */
  transport(facts: Partial<ConnectionFacts> = {}): MemoryTransport {
    const [own, other] = MemoryTransport.pair();
    const connection = new SocketConnection(own, {
      ...{ remote: REMOTE, viaProxy: false, secure: false, localPort: 61920 },
      ...facts,
    }, this.#ticker);
    this.#connections.add(connection);
    const serving = serveConnection(this.context, connection).finally(() => {
      this.#connections.delete(connection);
      this.#serving.delete(serving);
    });
    this.#serving.add(serving);
    return other;
  }

  /** Makes a channel live whose chunks can be joined. */
  live(channel = "default", password = "", chunkBytes = 1): Publisher {
    return this.hub.publish(publishOptions({
      channel,
      channelPassword: password,
      tracker: chunkTracker(chunkBytes),
    }));
  }

  /** Watchers of all channels. */
  get watchers(): number {
    return this.hub.channels().reduce((sum, { watchers }) => sum + watchers, 0);
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Begins to shut down as a server does: channels end, and requests are refused. */
  shutDown(): void {
    this.#closing = true;
    this.hub.close();
    this.events.close();
  }

  /** Cuts every connection. */
  cutAll(reason: string): void {
    for (const connection of this.#connections) connection.cut(reason);
  }

  /** Ends everything, and asserts that nothing is left of any connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#leftovers.assertParked();
    this.shutDown();
    this.cutAll("the test ended");
    await Promise.all(this.#serving);
    this.context.refusals.close();
    this.#ticker.close();
    this.#aheadMs = HLS_KEPT_MS;
    this.hub.tick();
    this.#leftovers.assertNone();
    this.#leftovers.assertNothingHeld();
  }

  #recording(authenticate: Authenticate): Authenticate {
    return (request) => {
      this.asked.push(request);
      return authenticate(request);
    };
  }

  #metrics(isListed: WebContext["isListed"]): () => string {
    return createMetrics({
      cluster: () => undefined,
      isListed,
      version: "1.2.3",
      channels: () => this.hub.channels(),
      totals: () => this.hub.totals,
      memory: () => this.hub.memory,
      delay: () => 0.5,
      connections: () => this.#connections.size,
      now: () => performance.now(),
    });
  }
}

/** Milliseconds after which an ended channel is not kept for HLS any more. */
const HLS_KEPT_MS = 3_600_000;

/** Limits that no test reaches by accident. */
const LIMITS: SessionLimits = {
  headerBytes: 8192,
  frameBytes: 4096,
  requestMs: 10_000,
  keepAliveMs: 10_000,
  broadcasterIdleMs: 30_000,
};

function makeHub(log: Logger, options: Partial<HubOptions> = {}): Hub {
  return new Hub({
    backlogBytes: 512 * 1024,
    memoryBytes: 1024 ** 3,
    graceSeconds: 60,
    channelsPerUser: 200,
    watchersPerChannel: 2,
    burstSeconds: 0,
    sameSecret: (a, b) => a === b,
    now: () => performance.now(),
    ...options,
  }, log);
}

function usersOf(tokens: TokenStore): Authenticate {
  const settings = { values: new Map(), channels: new Map() };
  const lookup = {
    lookup: (name: string) =>
      Promise.resolve(
        name === "fier" ? { name, password: PASSWORD, settings } : undefined,
      ),
  };
  return composeMethods([
    tokenMethod(tokens, lookup),
    passwordMethod(lookup, cheapCheck()),
  ]);
}
