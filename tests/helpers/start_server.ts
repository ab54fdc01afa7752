import {
  type Authenticate,
  composeMethods,
} from "../../lib/auth/authenticate.ts";
import { passwordMethod } from "../../lib/auth/methods/password.ts";
import type { UserEntry } from "../../lib/auth/users/user_file.ts";
import { buildConfig, type Config } from "../../lib/config/config.ts";
import type { LogFields } from "../../lib/logger.ts";
import { type Server, startServer } from "../../lib/server/server.ts";
import type { Address } from "../../lib/net/address.ts";
import { cheapCheck } from "./cheap_hashes.ts";

/** Milliseconds after which an event that does not come fails its test. */
const EVENT_DEADLINE_MS = 5000;

/** Every user's password in tests. */
export const PASSWORD = "123";

/** Users that exist where a test names none. */
const USERS = ["fier", "other"];

/** One line of the log. */
export interface LoggedEvent {
  readonly event: string;
  readonly fields: LogFields;
}

/** How a test server differs from an ordinary one. */
export interface TestServerOptions {
  /** Settings that are not at their default. */
  readonly config?: Partial<Config>;
  /** Whether users are read from a folder, with tokens, as in production; otherwise from memory. */
  readonly folder?: boolean;
  /** Decides about sign-ins; default: two users in memory who manage their own channels. */
  readonly authenticate?: Authenticate;
  /** Where it listens; default: a port of its own on loopback. */
  readonly address?: Address;
}

/** A log that can be waited for. */
export class EventLog {
  /** All events so far. */
  readonly all: LoggedEvent[] = [];
  readonly #wakes: Set<() => void> = new Set();

  /** Takes one event. */
  log(event: string, fields: LogFields = {}): void {
    this.all.push({ event, fields });
    for (const wake of this.#wakes) wake();
  }

  /** Events of one kind so far. */
  named(event: string): LoggedEvent[] {
    return this.all.filter((logged) => logged.event === event);
  }

  /** How often a kind of event happened, with those that one throttled line stands for. */
  total(event: string): number {
    return this.named(event).reduce(
      (sum, { fields }) => sum + Number(fields.count ?? 1),
      0,
    );
  }

  /**
   * Waits until there are `count` events of a kind.
   *
   * @param event The kind.
   * @param count How many.
   * @param where Fields that they have.
   * @returns The last of them.
   */
  async wait(
    event: string,
    count = 1,
    where: LogFields = {},
  ): Promise<LogFields> {
    const { promise, resolve, reject } = Promise.withResolvers<LogFields>();
    const look = (): void => {
      const found =
        this.named(event).filter(({ fields }) =>
          Object.entries(where).every(([key, value]) => fields[key] === value)
        )[count - 1];
      if (found) resolve(found.fields);
    };
    const timer = setTimeout(() => {
      const seen = JSON.stringify(this.all.slice(-20));
      reject(new Error(`Cannot find ${count} × ${event} in the log: ${seen}`));
    }, EVENT_DEADLINE_MS);
    this.#wakes.add(look);
    look();
    try {
      return await promise;
    } finally {
      this.#wakes.delete(look);
      clearTimeout(timer);
    }
  }
}

/** A server of this process on a port of its own. */
export interface TestServer extends AsyncDisposable {
  readonly server: Server;
  readonly address: Address;
  readonly log: EventLog;
  /** The users folder, if it has one. */
  readonly users?: string | undefined;
}

/** Starts a server; `await using` stops it. */
export async function startTestServer(
  options: TestServerOptions = {},
): Promise<TestServer> {
  const log = new EventLog();
  const users = options.folder ? await usersFolder(USERS) : undefined;
  const config: Config = {
    ...buildConfig(),
    burst: 0, // so that a test knows where its joiners begin
    linger: 0, // so that nothing waits because other tests keep the machine busy
    ...options.config,
    listen: [options.address ?? { host: "127.0.0.1", port: 0 }],
    ...(users ? { users } : {}),
  };
  const authenticate = options.authenticate ?? composeMethods([
    passwordMethod(
      { lookup: (name) => Promise.resolve(userNamed(name)) },
      cheapCheck(),
    ),
  ]);
  const server = await startServer(config, log, {
    ...(users ? {} : { authenticate }),
    loadCluster: () => import("../../lib/cluster/cluster.ts"),
  });
  return {
    server,
    address: server.addresses[0]!,
    log,
    users,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.close();
      if (users) await Deno.remove(users, { recursive: true });
    },
  };
}

function userNamed(name: string): UserEntry | undefined {
  if (!USERS.includes(name)) return undefined;
  const settings = { values: new Map(), channels: new Map() };
  return { name, password: PASSWORD, settings };
}

/**
 * Makes a folder of users, all with {@linkcode PASSWORD}; the caller removes it.
 *
 * @param names The users.
 * @returns Its path.
 */
export async function usersFolder(names: readonly string[]): Promise<string> {
  const path = await Deno.makeTempDir({ prefix: "fstream-users-" });
  for (const name of names) {
    const ini = `[DEFAULT]\npassword=${PASSWORD}\n`;
    await Deno.writeTextFile(`${path}/${name}.ini`, ini, { mode: 0o600 });
  }
  return path;
}
