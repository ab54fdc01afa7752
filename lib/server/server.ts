/**
 * Composition: builds the modules from the settings, starts the listener, closes everything in reverse.
 *
 * @module
 */

import type { Authenticate } from "../auth/authenticate.ts";
import { PermissionStore } from "../auth/permissions/permission_store.ts";
import { PermissionWatch } from "../auth/permissions/permission_watch.ts";
import { LoginRateLimiter } from "../auth/rate_limit/login_rate_limiter.ts";
import { openSignIn, type SignIn } from "../auth/sign_in.ts";
import { LinkStore } from "../auth/link_store.ts";
import { tokenRedeemer } from "../auth/methods/token.ts";
import { TokenStore } from "../auth/token_store.ts";
import { LogThrottle } from "../clock/log_throttle.ts";
import { Ticker } from "../clock/ticker.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Config } from "../config/config.ts";
import { STATS_EVENT } from "../config/event_names.ts";
import { Adviser } from "../hub/advice.ts";
import { BitRateGuard } from "../hub/bit_rate_guard.ts";
import { UrlSigner } from "../hls/url_signer.ts";
import { Hub } from "../hub/hub.ts";
import { SESSION_BYTES } from "../hub/memory/memory_budget.ts";
import type { Logger } from "../logger.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { ConnectionLimits } from "../net/connection_limits.ts";
import { trusting } from "../net/ip_network.ts";
import { Listener } from "../net/listener.ts";
import type { TlsFiles } from "../net/tls_files.ts";
import { TlsRenewal } from "../net/tls_renewal.ts";
import type { ServerContext } from "../session/context.ts";
import { serveConnection } from "../session/serve.ts";
import { createHandler } from "../web/handler.ts";
import { EventFeed } from "../web/event_feed.ts";
import { createMetrics } from "../web/metrics.ts";
import { EventHook } from "./event_hook.ts";
import { hubOptions, monotonicNow, sessionLimits } from "./limits.ts";
import { logFault } from "./log_fault.ts";
import { StatsPost } from "./stats_post.ts";
import { tlsFiles } from "./tls_files.ts";
import { clusterView, type LoadCluster, openCluster } from "./open_cluster.ts";

/**
 * Milliseconds that watchers have to receive what is left when the server shuts down. With the rest of the
 * shutdown this stays below the two seconds that service managers and people wait.
 */
const CLOSE_GRACE_MS = 1500;

/** A running server. */
export interface Server {
  /** Where it listens without TLS, with the ports that the system chose. */
  readonly addresses: readonly Address[];
  /** Where it listens with TLS; nowhere without a certificate. */
  readonly tlsAddresses: readonly Address[];
  /** The channels. */
  readonly hub: Hub;
  /** Reads the files that may change while it runs; resolves when they are in use. */
  reload(): Promise<void>;
  /**
   * Stops accepting, ends watchers with all bytes delivered, and resolves when everything is closed, also
   * when it is called again.
   */
  close(): Promise<void>;
  /** Logs that a part of the server failed in a way that nothing expected; the rest continues. */
  fault(error: unknown): void;
}

/** What may replace settings. */
export interface ServerOptions {
  /** Decides about requests, instead of users folder and module. */
  readonly authenticate?: Authenticate;
  /** The program's version, for pages and metrics. */
  readonly version?: string;
  /** Loads what connects servers; needed with the setting `nats`. */
  readonly loadCluster?: LoadCluster | undefined;
}

/**
 * Starts a server.
 *
 * @param config The settings.
 * @param logger Takes every event.
 * @param options What replaces settings.
 * @throws {UsageError} When two settings contradict each other.
 * @throws When the users folder, the module or the certificate cannot be read, or an address cannot be
 *     listened at.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  options: ServerOptions = {},
): Promise<Server> {
  if (config.eventUrl === undefined) {
    return await start(config, logger, options);
  }
  const { eventUrl, events: names } = config;
  const events = new EventHook(logger, eventUrl, { names });
  const server = await start(config, events, options, events);
  return {
    ...server,
    close: async () => {
      await server.close();
      await events.close();
    },
  };
}

/** What is closed when the server shuts down. */
interface Parts {
  readonly ticker: Ticker;
  readonly hub: Hub;
  readonly refusals: LogThrottle;
  readonly events: EventFeed;
  readonly links: LinkStore;
  readonly signer: UrlSigner;
  readonly watches: FileWatch[];
  readonly isListed: (user: string, channel: string) => boolean;
  cluster?: Cluster | undefined;
  listener?: Listener;
  closing: boolean;
}

async function start(
  config: Config,
  log: Logger,
  options: ServerOptions,
  hook?: EventHook,
): Promise<Server> {
  const logger = new EventFeed(log);
  const tokens = new TokenStore({ lifetime: config.tokenTime });
  const signIn = await openSignInOf(config, tokens, options);
  const tls = await tlsFiles(config);
  const parts = startParts(config, logger, signIn);
  const { hub, watches } = parts;
  if (hook && config.events.includes(STATS_EVENT)) {
    parts.ticker.add(new StatsPost(hook, { ...parts, now: monotonicNow }));
  }
  try {
    parts.cluster = await joinCluster(
      config,
      logger,
      tokens,
      signIn,
      parts,
      options,
    );
    const context = contextOf(config, logger, tokens, signIn, parts);
    const listener = await listen(config, logger, context, tls, parts, options);
    parts.listener = listener;
    logAddresses(logger, listener);
    if (tls) {
      watches.push(new TlsRenewal(tls, [listener], parts.ticker, logger));
    }
    let closed: Promise<void> | undefined;
    return {
      addresses: listener.addresses,
      tlsAddresses: listener.tlsAddresses,
      hub,
      reload: async () => {
        await Promise.all(watches.map((watch) => watch.look()));
      },
      close: () => closed ??= closeParts(parts),
      fault: (error) => logFault(parts.refusals, error),
    };
  } catch (error) {
    await closeParts(parts);
    throw error;
  }
}

async function openSignInOf(
  config: Config,
  tokens: TokenStore,
  { authenticate }: ServerOptions,
): Promise<SignIn> {
  if (!authenticate) return await openSignIn(config, tokens);
  return {
    authenticate,
    permissions: new PermissionStore(),
    limiter: new LoginRateLimiter(),
    users: undefined,
    redeem: tokenRedeemer(tokens),
  };
}

async function joinCluster(
  config: Config,
  logger: Logger,
  tokens: TokenStore,
  { redeem }: SignIn,
  { hub, ticker, isListed, links, signer, events }: Parts,
  { loadCluster }: ServerOptions,
): Promise<Cluster | undefined> {
  const own = { hub, logger, tokens, redeem, isListed, links, signer, events };
  const needs = { ...own, now: monotonicNow };
  const cluster = await openCluster(config, loadCluster, needs);
  hub.elsewhere = cluster?.elsewhere;
  if (cluster) ticker.add(cluster);
  return cluster;
}

function startParts(
  config: Config,
  logger: EventFeed,
  { permissions, users }: SignIn,
): Parts {
  const ticker = new Ticker(monotonicNow);
  const limitsOf = permissions.limitsOf.bind(permissions);
  const isLate = (): boolean => ticker.isLate;
  const hub = new Hub({
    ...hubOptions(config),
    ...{ limitsOf, isLate, now: monotonicNow },
  }, logger);
  ticker.add(hub);
  ticker.add(new BitRateGuard(hub, limitsOf, monotonicNow));
  ticker.add(new Adviser(hub, logger, monotonicNow));
  const watches: FileWatch[] = [];
  if (users) {
    watches.push(
      new PermissionWatch({ users, permissions, hub, ticker, logger }),
    );
  }
  const refusals = new LogThrottle(logger, ticker);
  const isListed = permissions.isListed.bind(permissions);
  const [events, links, signer] = [logger, new LinkStore(), new UrlSigner()];
  return {
    ...{ ticker, hub, refusals, events, links, signer, watches, isListed },
    closing: false,
  };
}

/** The context without the web handler, which is made of it. */
type SharedContext = Omit<ServerContext, "web">;

function contextOf(
  config: Config,
  logger: Logger,
  tokens: TokenStore,
  { authenticate, limiter: loginLimiter }: SignIn,
  parts: Parts,
): SharedContext {
  const { hub, ticker, refusals, links, signer } = parts;
  return {
    ...{
      links,
      hub,
      ticker,
      refusals,
      authenticate,
      loginLimiter,
      tokens,
      logger,
    },
    urlSigner: signer,
    connections: new ConnectionLimits({
      total: config.connections,
      perNetwork: config.connectionsPerNetwork,
      memory: hub.memory,
      bytesEach: SESSION_BYTES.connection,
      bytesOfTls: SESSION_BYTES.tls,
    }),
    trusts: trusting(config.trustProxy),
    limits: sessionLimits(config),
    allowOrigin: config.allowOrigin,
    isClosing: () => parts.closing,
    otherServers: () => parts.cluster?.addresses ?? [],
  };
}

async function listen(
  config: Config,
  logger: Logger,
  shared: SharedContext,
  tls: TlsFiles | undefined,
  { hub, ticker, events, isListed, cluster }: Parts,
  { version = "" }: ServerOptions,
): Promise<Listener> {
  const metrics = createMetrics({
    version,
    channels: () => hub.channels(),
    totals: () => hub.totals,
    memory: () => hub.memory,
    delay: () => ticker.longestDelay,
    connections: () => shared.connections.total,
    now: monotonicNow,
    isListed,
    cluster: () => cluster?.status,
  });
  const { apiToken, metricsToken } = config;
  const bearers = {
    ...(apiToken === "" ? {} : { api: apiToken }),
    ...(metricsToken === "" ? {} : { metrics: metricsToken }),
  };
  const context: ServerContext = {
    ...shared,
    web: createHandler({
      ...{ ...shared, metrics, version },
      ...{ isListed, bearers, events },
      ...(cluster ? { cluster: clusterView(cluster) } : {}),
    }),
  };
  return await Listener.listen({
    addresses: config.listen,
    reusePort: config.reusePort,
    ...(tls
      ? { tls: { addresses: config.tlsListen, identity: tls.identity } }
      : {}),
    limits: shared.connections,
    trusts: shared.trusts,
    ticker,
    stallMs: config.watcherStall * 1000,
    requestMs: config.requestTime * 1000,
    logger,
    serve: (connection) => serveConnection(context, connection),
  });
}

/** Watches files that may change while the server runs. */
interface FileWatch {
  look(): Promise<void>;
  close(): Promise<void>;
}

function logAddresses(logger: Logger, listener: Listener): void {
  for (const address of listener.addresses) {
    logger.log("listen", { address: formatAddress(address) });
  }
  for (const address of listener.tlsAddresses) {
    logger.log("listen", { tls: true, address: formatAddress(address) });
  }
}

/** The listener waits for its sessions, which end when the hub has ended their channels. */
async function closeParts(parts: Parts): Promise<void> {
  parts.closing = true;
  await parts.cluster?.drain();
  const closed = parts.listener?.close(CLOSE_GRACE_MS);
  parts.hub.close();
  parts.events.close();
  await Promise.all([closed, ...parts.watches.map((watch) => watch.close())]);
  await parts.cluster?.[Symbol.asyncDispose]();
  parts.refusals.close();
  parts.ticker.close();
}
