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
import type { Config } from "./config.ts";
import { Hub } from "./hub/hub.ts";
import type { Logger } from "./logger.ts";
import { TcpFront } from "./tcp/listener.ts";
import { Sweep } from "./tcp/sweep.ts";
import { type Address, formatAddress } from "./values.ts";

/**
 * Milliseconds that watchers have, when the server stops, to take what is left: with the rest of the
 * way out this stays within the two seconds that service managers and people wait.
 */
const CLOSE_GRACE_MS = 1500;

/** A running server. */
export interface Server {
  /** Where it listens, with the ports that the system chose. */
  readonly addresses: readonly Address[];
  /** What is on the air. */
  readonly hub: Hub;
  /** Stops accepting, ends watchers with all bytes delivered, and resolves when all is closed. */
  close(): Promise<void>;
}

/** What may be put in the settings' place. */
export interface ServerOptions {
  /** Decides who may do what, in the place of users folder and module. */
  readonly authenticate?: Authenticate;
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
  try {
    const front = new TcpFront({
      addresses: config.listen,
      connections: config.connections,
      connectionsPerAddress: config.connectionsPerAddress,
      rooms: {
        hub,
        authenticate,
        tokens,
        sweep,
        limits: sessionLimits(config),
        logger,
      },
    });
    for (const address of front.addresses) {
      logger.log("listen", { address: formatAddress(address) });
    }
    return {
      addresses: front.addresses,
      hub,
      close: async (): Promise<void> => {
        const closed = front.close(CLOSE_GRACE_MS);
        hub.close();
        await closed;
        sweep.close();
      },
    };
  } catch (error) {
    sweep.close();
    throw error;
  }
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
    channelsPerUser: config.channelsPerUser,
    watchersPerChannel: config.watchersPerChannel,
    sameSecret: secretsEqual,
    now: monotonicNow,
  };
}

function sessionLimits(
  config: Config,
): ConstructorParameters<typeof TcpFront>[0]["rooms"]["limits"] {
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
