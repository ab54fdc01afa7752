import { assertEquals } from "@std/assert";
import { Ticker } from "../../lib/clock/ticker.ts";
import type { Address } from "../../lib/net/address.ts";
import { type Connection, writeAll } from "../../lib/net/connection.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { Listener, type ListenerOptions } from "../../lib/net/listener.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { EventLog } from "../helpers/start_server.ts";
import { Relay } from "./relay.ts";
import { authority, identity, type Name } from "./tls_scene.ts";

/** Where the scenes listen. */
export const LOOPBACK: readonly Address[] = [{ host: "127.0.0.1", port: 0 }];

/** Sends back what comes, and closes in order behind it. */
export async function echo(connection: Connection): Promise<void> {
  for (let bytes; (bytes = await connection.read());) {
    await writeAll(connection, bytes);
  }
  await connection.finish();
}

/** Asserts that a connection is served. */
export async function assertEchoes(peer: RawPeer): Promise<void> {
  await peer.send(pattern(0, 1000));
  assertEquals(await peer.take(1000), pattern(0, 1000));
}

/** Hands each connection to the test, which closes it. */
export class Serving {
  readonly #waiting: ((connection: Connection) => void)[] = [];
  readonly #served: Connection[] = [];

  /** For {@linkcode ListenerOptions.serve}. */
  readonly serve = async (connection: Connection): Promise<void> => {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(connection);
    else this.#served.push(connection);
    await connection.gone;
  };

  /** The next connection. */
  next(): Promise<Connection> {
    const served = this.#served.shift();
    if (served) return Promise.resolve(served);
    const { promise, resolve } = Promise.withResolvers<Connection>();
    this.#waiting.push(resolve);
    return promise;
  }
}

/** What differs from scene to scene. */
export type SceneOptions = Partial<Omit<ListenerOptions, "tls">> & {
  /** The certificate for TLS; no TLS without it. */
  readonly tls?: Name;
};

/** A listener with what it needs; `await using` stops it. */
export class ListenerScene implements AsyncDisposable {
  /** What it logged. */
  readonly log: EventLog = new EventLog();
  /** Counts its connections. */
  readonly limits: ConnectionLimits;
  readonly #ticker: Ticker = new Ticker(() => performance.now());
  #listener: Listener | undefined;

  /** @param limits Counts its connections. */
  constructor(limits: ConnectionLimits) {
    this.limits = limits;
  }

  /** Starts one that echoes unless the options say otherwise. */
  static async start(options: SceneOptions = {}): Promise<ListenerScene> {
    const { tls, ...rest } = options;
    const scene = new ListenerScene(
      options.limits ?? new ConnectionLimits({ total: 1000, perNetwork: 1000 }),
    );
    scene.#listener = scene.listen({
      ...(tls && {
        tls: { addresses: LOOPBACK, identity: await identity(tls) },
      }),
      ...rest,
    });
    return scene;
  }

  /** The listener. */
  get listener(): Listener {
    return this.#listener!;
  }

  /** Listens with the scene's log, limits and clock; the test closes it. */
  listen(options: Partial<ListenerOptions>): Listener {
    return Listener.listen({
      addresses: LOOPBACK,
      limits: this.limits,
      trusts: () => false,
      ticker: this.#ticker,
      stallMs: 10_000,
      requestMs: 10_000,
      logger: this.log,
      serve: echo,
      ...options,
    });
  }

  /** Connects without TLS, and sends what is given. */
  connect(...first: readonly Uint8Array[]): Promise<RawPeer> {
    return RawPeer.connect(this.listener.addresses[0]!, ...first);
  }

  /** Connects with TLS, and trusts one authority. */
  async connectSecurely(
    name: Name,
    port: number = this.listener.tlsAddresses[0]!.port,
  ): Promise<RawPeer> {
    const [conn] = await securely(name, port, []);
    return new RawPeer(conn);
  }

  /** Connects with TLS and gives the protocol that was agreed upon. */
  async alpn(name: Name, protocols: string[]): Promise<string | undefined> {
    const { port } = this.listener.tlsAddresses[0]!;
    const [conn, { alpnProtocol }] = await securely(name, port, protocols);
    conn.close();
    return alpnProtocol ?? undefined;
  }

  /** A relay in front of the TLS port, for one connection. */
  relay(first: Uint8Array = new Uint8Array()): Relay {
    return new Relay(this.listener.tlsAddresses[0]!, first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.close(0);
    this.#ticker.close();
  }
}

async function securely(
  name: Name,
  port: number,
  alpnProtocols: string[],
): Promise<[Deno.TlsConn, Deno.TlsHandshakeInfo]> {
  const conn = await Deno.connectTls({
    hostname: "127.0.0.1",
    port,
    caCerts: [await authority(name)],
    alpnProtocols,
  });
  try {
    return [conn, await conn.handshake()];
  } catch (error) {
    conn.close();
    throw error;
  }
}
