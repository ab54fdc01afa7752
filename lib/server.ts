/**
 * Composition: builds the rooms from the settings, starts the fronts, closes everything in reverse.
 *
 * @module
 */

import { type Authenticate, composeMethods } from "./auth/auth.ts";
import { loadAuthModule } from "./auth/module.ts";
import { passwordMethod } from "./auth/password.ts";
import { secretsEqual } from "./auth/secrets.ts";
import { SignInBrake, withBrake } from "./auth/throttle.ts";
import { tokenMethod, TokenStore } from "./auth/token.ts";
import { UsersFolder } from "./auth/users.ts";
import { type Config, DEFAULT_PORT } from "./config.ts";
import { ConnectionCaps } from "./connection_caps.ts";
import { Hub } from "./hub/hub.ts";
import { HttpFront } from "./http/front.ts";
import type { HttpRooms } from "./http/rooms.ts";
import type { Logger } from "./logger.ts";
import { createMetrics } from "./metrics.ts";
import { TcpFront } from "./tcp/listener.ts";
import type { SessionLimits, SessionRooms } from "./tcp/session.ts";
import { Sweep } from "./sweep.ts";
import { type Address, formatAddress } from "./values.ts";

/**
 * Milliseconds that watchers have, when the server stops, to take what is left: with the rest of the
 * way out this stays within the two seconds that service managers and people wait.
 */
const CLOSE_GRACE_MS = 1500;

/** A running server. */
export interface Server {
  /** Where the TCP front listens, with the ports that the system chose. */
  readonly addresses: readonly Address[];
  /** Where the HTTP front listens; nowhere when it is off. */
  readonly httpAddresses: readonly Address[];
  /** What is on the air. */
  readonly hub: Hub;
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
 * @throws When the users folder or the module cannot be read, or an address cannot be had.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  options: ServerOptions = {},
): Promise<Server> {
  const tokens = new TokenStore({ lifetime: config.tokenTime });
  const authenticate = options.authenticate ??
    await authentication(config, tokens);
  const sweep = new Sweep(monotonicNow);
  const hub = new Hub(hubOptions(config), logger);
  sweep.add(hub);
  const caps = new ConnectionCaps(
    config.connections,
    config.connectionsPerAddress,
  );
  const rooms = { hub, authenticate, tokens, sweep, caps, logger };
  const fronts: Front[] = [];
  try {
    const tcp = startTcp(config, rooms);
    fronts.push(tcp);
    const http = startHttp(config, rooms, tcp, options.version ?? "");
    fronts.push(http);
    logAddresses(logger, tcp, http);
    let closed: Promise<void> | undefined;
    return {
      addresses: tcp.addresses,
      httpAddresses: http.addresses,
      hub,
      close: () => closed ??= closeInReverse(fronts, hub, sweep),
    };
  } catch (error) {
    await closeInReverse(fronts, hub, sweep);
    throw error;
  }
}

/** What accepts connections. */
interface Front {
  close(graceMs: number): Promise<void>;
}

/** What both fronts work with. */
type SharedRooms =
  & Omit<SessionRooms, "limits">
  & Pick<HttpRooms, "caps">;

function startTcp(config: Config, rooms: SharedRooms): TcpFront {
  return new TcpFront({
    addresses: config.listen,
    caps: rooms.caps,
    rooms: { ...rooms, limits: sessionLimits(config) },
  });
}

function startHttp(
  config: Config,
  rooms: SharedRooms,
  tcp: TcpFront,
  version: string,
): HttpFront {
  const { hub } = rooms;
  return new HttpFront(config.http, {
    ...rooms,
    limits: sessionLimits(config),
    allowOrigin: config.allowOrigin,
    tcpPort: tcp.addresses[0]?.port ?? DEFAULT_PORT,
    version,
    metrics: createMetrics({
      version,
      channels: () => hub.channels(),
      totals: () => hub.totals,
      connections: () => tcp.connections,
      now: monotonicNow,
    }),
  });
}

function logAddresses(logger: Logger, tcp: TcpFront, http: HttpFront): void {
  for (const address of tcp.addresses) {
    logger.log("listen", { front: "tcp", address: formatAddress(address) });
  }
  for (const address of http.addresses) {
    logger.log("listen", { front: "http", address: formatAddress(address) });
  }
}

/** The fronts wait for their sessions, which end when the hub has ended their channels. */
async function closeInReverse(
  fronts: readonly Front[],
  hub: Hub,
  sweep: Sweep,
): Promise<void> {
  const closed = fronts.map((front) => front.close(CLOSE_GRACE_MS));
  hub.close();
  await Promise.all(closed);
  sweep.close();
}

async function authentication(
  config: Config,
  tokens: TokenStore,
): Promise<Authenticate> {
  const brake = new SignInBrake();
  if (config.auth !== undefined) {
    const byModule = await loadAuthModule(config.auth);
    return withBrake(composeMethods([tokenMethod(tokens), byModule]), brake);
  }
  const users = new UsersFolder(config.users);
  await users.check();
  return withBrake(
    composeMethods([tokenMethod(tokens, users), passwordMethod(users)]),
    brake,
  );
}

function hubOptions(config: Config): ConstructorParameters<typeof Hub>[0] {
  return {
    backlogBytes: config.backlog,
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
