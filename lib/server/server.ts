/**
 * Composition: builds the rooms from the settings, starts the fronts, closes everything in reverse.
 *
 * @module
 */

import type { Authenticate } from "../auth/auth.ts";
import { RightsBook } from "../auth/rights_book.ts";
import { RightsWatch } from "../auth/rights_watch.ts";
import { secretsEqual } from "../auth/secrets.ts";
import { openSignIn, type SignIn } from "../auth/sign_in.ts";
import { TokenStore } from "../auth/token.ts";
import { type Config, DEFAULT_PORT } from "../config/config.ts";
import { ConnectionCaps } from "../net/connection_limits.ts";
import { UsageError } from "../errors.ts";
import { EventHook } from "./event_hook.ts";
import { Hub } from "../hub/hub.ts";
import { BitRateGuard } from "../hub/bit_rate_guard.ts";
import { SESSION_BYTES } from "../hub/memory/memory_budget.ts";
import { HttpFront } from "../web/front.ts";
import type { HttpRooms } from "../web/rooms.ts";
import { trusting } from "../net/ip_network.ts";
import type { Logger } from "../logger.ts";
import { createMetrics } from "../web/metrics.ts";
import { TcpFront } from "../session/listener.ts";
import {
  openTlsFiles,
  type TlsFiles,
  type TlsIdentity,
} from "../net/tls_files.ts";
import { TlsRenewal } from "../net/tls_renewal.ts";
import type { SessionLimits, SessionRooms } from "../session/session.ts";
import { Ticker } from "../clock/ticker.ts";
import { type Address, formatAddress } from "../net/address.ts";

/**
 * Milliseconds that watchers have, when the server stops, to take what is left: with the rest of the
 * way out this stays within the two seconds that service managers and people wait.
 */
const CLOSE_GRACE_MS = 1500;

/** A running server. */
export interface Server {
  /** Where the TCP front listens, with the ports that the system chose. */
  readonly addresses: readonly Address[];
  /** Where the TCP front listens with TLS; nowhere without a certificate. */
  readonly tlsAddresses: readonly Address[];
  /** Where the HTTP front listens; nowhere when it is off. */
  readonly httpAddresses: readonly Address[];
  /** What is on the air. */
  readonly hub: Hub;
  /** Looks at once at the files that may change while it runs; resolves when they are in use. */
  reload(): Promise<void>;
  /**
   * Stops accepting, ends watchers with all bytes delivered, and resolves when all is closed, also
   * when it is called again.
   */
  close(): Promise<void>;
}

/** What may be put in the settings' place. */
export interface ServerOptions {
  /** Decides who may do what, in the place of users folder and module. */
  readonly authenticate?: Authenticate;
  /** The program's version, for pages and metrics. */
  readonly version?: string;
}

/**
 * Starts a server.
 *
 * @param config The settings.
 * @param logger Told of every event.
 * @param options What goes before the settings.
 * @throws {UsageError} When two settings contradict each other.
 * @throws When the users folder, the module or the certificate cannot be read, or an address cannot be
 *     had.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  options: ServerOptions = {},
): Promise<Server> {
  if (config.eventUrl === undefined) {
    return await startRooms(config, logger, options);
  }
  const events = new EventHook(logger, config.eventUrl);
  const server = await startRooms(config, events, options);
  return {
    ...server,
    close: async () => {
      await server.close();
      await events.close();
    },
  };
}

async function startRooms(
  config: Config,
  logger: Logger,
  options: ServerOptions,
): Promise<Server> {
  const tokens = new TokenStore({ lifetime: config.tokenTime });
  const { authenticate, book, users } = await signIn(config, tokens, options);
  const tls = await tlsFiles(config);
  const ticker = new Ticker(monotonicNow);
  const limitsOf = book.limitsOf.bind(book);
  const isLate = (): boolean => ticker.isLate;
  const hub = new Hub({ ...hubOptions(config), limitsOf, isLate }, logger);
  ticker.add(hub);
  ticker.add(new BitRateGuard(hub, limitsOf, monotonicNow));
  const watches: FileWatch[] = [];
  if (users) {
    watches.push(new RightsWatch({ users, book, onAir: hub, ticker, logger }));
  }
  const caps = new ConnectionCaps(
    config.connections,
    config.connectionsPerAddress,
    hub.memory,
    SESSION_BYTES.connection,
  );
  const rooms = { hub, authenticate, tokens, ticker, caps, logger };
  const fronts: Front[] = [];
  try {
    let web: readonly Address[] = [];
    // Each front tells the other's port; the one that is started first is asked for it later.
    const tcp = startTcp(config, {
      ...{ ...rooms, webPort: () => web[0]?.port },
      ...(tls ? { identity: tls.identity } : {}),
    });
    fronts.push(tcp);
    const version = options.version ?? "";
    const http = startHttp(config, rooms, tcp, version, tls?.identity);
    fronts.push(http);
    web = http.addresses;
    logAddresses(logger, tcp, http, tls !== undefined);
    if (tls) watches.push(new TlsRenewal(tls, [tcp, http], ticker, logger));
    let closed: Promise<void> | undefined;
    return {
      addresses: tcp.addresses,
      tlsAddresses: tcp.tlsAddresses,
      httpAddresses: http.addresses,
      hub,
      reload: async () => {
        await Promise.all(watches.map((watch) => watch.look()));
      },
      close: () => closed ??= closeInReverse(fronts, hub, ticker, watches),
    };
  } catch (error) {
    await closeInReverse(fronts, hub, ticker, watches);
    throw error;
  }
}

async function signIn(
  config: Config,
  tokens: TokenStore,
  { authenticate }: ServerOptions,
): Promise<SignIn> {
  if (!authenticate) return await openSignIn(config, tokens);
  return { authenticate, book: new RightsBook(), users: undefined };
}

/**
 * Opens the certificate that the settings name.
 *
 * @param config The settings.
 * @returns `undefined` when they name none.
 * @throws {UsageError} When they name one without its key, or a key alone.
 * @throws {Error} When it cannot be used.
 */
export async function tlsFiles(
  { tlsCert, tlsKey }: Config,
): Promise<TlsFiles | undefined> {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return await openTlsFiles(tlsCert, tlsKey);
  }
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  const [one, other] = tlsCert === undefined
    ? ["tls-key", "tls-cert"]
    : ["tls-cert", "tls-key"];
  throw new UsageError(`${one} is set without ${other}`, `set --${other} too`);
}

/** What looks at files that may change while the server runs. */
interface FileWatch {
  look(): Promise<void>;
  close(): Promise<void>;
}

/** What accepts connections. */
interface Front {
  close(graceMs: number): Promise<void>;
}

/** What both fronts work with. */
type SharedRooms =
  & Omit<SessionRooms, "limits" | "webPort">
  & Pick<HttpRooms, "caps">;

function startTcp(
  config: Config,
  rooms: SharedRooms & Pick<SessionRooms, "webPort"> & {
    readonly identity?: TlsIdentity;
  },
): TcpFront {
  const { caps, identity } = rooms;
  const tls = identity && { addresses: config.tlsListen, identity };
  return new TcpFront({
    addresses: config.listen,
    ...(tls ? { tls } : {}),
    caps,
    trusts: trusting(config.trustProxy),
    rooms: { ...rooms, limits: sessionLimits(config) },
  });
}

function startHttp(
  config: Config,
  rooms: SharedRooms,
  tcp: TcpFront,
  version: string,
  identity: TlsIdentity | undefined,
): HttpFront {
  const { hub, ticker } = rooms;
  const httpRooms = {
    ...rooms,
    limits: sessionLimits(config),
    allowOrigin: config.allowOrigin,
    tcpPort: tcp.addresses[0]?.port ?? DEFAULT_PORT,
    tlsPort: tcp.tlsAddresses[0]?.port,
    version,
    metrics: createMetrics({
      version,
      channels: () => hub.channels(),
      totals: () => hub.totals,
      memory: () => hub.memory,
      delay: () => ticker.longestDelay,
      connections: () => tcp.connections,
      now: monotonicNow,
    }),
  };
  return new HttpFront(config.http, httpRooms, {
    ...(identity ? { identity } : {}),
    trusts: trusting(config.trustProxy),
  });
}

function logAddresses(
  logger: Logger,
  tcp: TcpFront,
  http: HttpFront,
  secure: boolean,
): void {
  const fronts: readonly (readonly [string, readonly Address[]])[] = [
    ["tcp", tcp.addresses],
    ["tls", tcp.tlsAddresses],
    [secure ? "https" : "http", http.addresses],
  ];
  for (const [front, addresses] of fronts) {
    for (const address of addresses) {
      logger.log("listen", { front, address: formatAddress(address) });
    }
  }
}

/** The fronts wait for their sessions, which end when the hub has ended their channels. */
async function closeInReverse(
  fronts: readonly Front[],
  hub: Hub,
  ticker: Ticker,
  watches: readonly FileWatch[],
): Promise<void> {
  const closed = fronts.map((front) => front.close(CLOSE_GRACE_MS));
  hub.close();
  await Promise.all([...closed, ...watches.map((watch) => watch.close())]);
  ticker.close();
}

function hubOptions(config: Config): ConstructorParameters<typeof Hub>[0] {
  return {
    backlogBytes: config.backlog,
    memoryBytes: config.memory,
    graceSeconds: config.grace,
    burstSeconds: config.burst,
    channelsPerUser: config.channelsPerUser,
    watchersPerChannel: config.watchersPerChannel,
    sameSecret: secretsEqual,
    now: monotonicNow,
  };
}

function sessionLimits(config: Config): SessionLimits {
  return {
    headerBytes: config.headerBlock,
    payloadBytes: config.payload,
    preludeMs: config.preludeTime * 1000,
    watcherStallMs: config.watcherStall * 1000,
    broadcasterIdleMs: config.broadcasterIdle * 1000,
  };
}

function monotonicNow(): number {
  return performance.now();
}
