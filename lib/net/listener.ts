import { LogThrottle } from "../clock/log_throttle.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Address, formatAddress, remoteAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import type { Trusts } from "./ip_network.ts";
import { listen } from "./listen.ts";
import { type Proxied, readProxied } from "./proxied.ts";
import { type ConnectionFacts, SocketConnection } from "./socket_connection.ts";
import type { TlsIdentity } from "./tls_files.ts";

/**
 * Milliseconds between two tries to accept when the system has no file descriptor left: short enough
 * that nobody notices, long enough not to spin.
 */
const ACCEPT_RETRY_MS = 100;

/** What a listener needs. */
export interface ListenerOptions {
  /** Where it listens without TLS. */
  readonly addresses: readonly Address[];
  /** Where it listens with TLS, and its certificate. Default nowhere. */
  readonly tls?: {
    readonly addresses: readonly Address[];
    readonly identity: TlsIdentity;
  };
  /** Counts the connections. */
  readonly limits: ConnectionLimits;
  /** The proxies whose PROXY headers are believed. */
  readonly trusts: Trusts;
  /** Measures every limit of time. */
  readonly ticker: Ticker;
  /** Milliseconds that a write may take without progress before its connection is cut. */
  readonly stallMs: number;
  /** Milliseconds for a PROXY header, and for a TLS handshake. */
  readonly requestMs: number;
  /** Told of refused connections and of failures to accept. */
  readonly logger: Logger;
  /** Serves a connection, which is closed once this settles. */
  readonly serve: (connection: Connection) => Promise<void>;
}

/** A connection that is not served yet. */
interface Opening {
  /** The ticker's time when it was accepted. */
  readonly since: number;
  readonly close: () => void;
  /** Why it was closed. */
  late: string | undefined;
}

/** Accepts the connections of every protocol, and watches over their limits. */
export class Listener implements Tickable {
  readonly #options: ListenerOptions;
  readonly #throttle: LogThrottle;
  readonly #plain: Deno.TcpListener[] = [];
  readonly #openings: Set<Opening> = new Set();
  readonly #connections: Set<SocketConnection> = new Set();
  readonly #serving: Set<Promise<void>> = new Set();
  #closing = false;

  /** Makes one that does not listen yet; {@linkcode Listener.listen} makes one that does. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#throttle = new LogThrottle(options.logger, options.ticker);
    options.ticker.add(this);
  }

  /**
   * Listens.
   *
   * @throws {Deno.errors.AddrInUse} and the like when it cannot listen at an address.
   */
  // deno-lint-ignore require-await -- TLS is loaded only when it is needed.
  static async listen(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    try {
      for (const address of options.addresses) {
        listener.#plain.push(listen(address));
      }
    } catch (error) {
      listener.#stop();
      throw error;
    }
    for (const plain of listener.#plain) listener.#acceptFrom(plain);
    return listener;
  }

  /** Where it listens without TLS, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#plain.map(({ addr }) => ({
      host: addr.hostname,
      port: addr.port,
    }));
  }

  /** Where it listens with TLS. */
  get tlsAddresses(): Address[] {
    return [];
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Presents another certificate to new connections. */
  renew(_identity: TlsIdentity): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Stops accepting, and waits until the connections have been served.
   *
   * @param graceMs Milliseconds after which the remaining ones are cut.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const plain of this.#plain) plain.close();
    for (const opening of this.#openings) opening.close();
    const timer = setTimeout(() => this.#cutAll(), graceMs);
    await Promise.all(this.#serving);
    clearTimeout(timer);
    this.#stop();
  }

  /** Cuts what has used up its time. */
  tick(): void {
    const { ticker, stallMs, requestMs } = this.#options;
    for (const connection of this.#connections) {
      connection.cutIfStalled(stallMs);
    }
    for (const opening of this.#openings) {
      const what = "the trusted proxy sent no whole header";
      opening.late = ticker.overrun(what, opening.since, requestMs);
      if (opening.late) opening.close();
    }
  }

  #stop(): void {
    if (!this.#closing) { for (const plain of this.#plain) plain.close(); }
    this.#closing = true;
    this.#options.ticker.delete(this);
    this.#throttle.close();
  }

  #cutAll(): void {
    for (const connection of this.#connections) {
      connection.cut("the server is shutting down");
    }
  }

  async #acceptFrom(listener: Deno.TcpListener): Promise<void> {
    while (!this.#closing) {
      try {
        this.#admit(await listener.accept());
      } catch (error) {
        if (this.#closing) return;
        await this.#acceptFailed(error);
      }
    }
  }

  /** Out of file descriptors, or the peer went while it was accepted: neither lasts. */
  async #acceptFailed(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.ConnectionAborted) return;
    const reason = messageOf(error);
    this.#throttle.log("accept-error", reason, { reason });
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
  }

  #admit(conn: Deno.TcpConn): void {
    const peer = remoteAddress(conn.remoteAddr);
    const trusted = this.#options.trusts(peer.host);
    const host = trusted ? undefined : peer.host;
    const full = this.#options.limits.acquire(host);
    if (full) {
      conn.close();
      return this.#refuse(peer, "limit", full);
    }
    // Media is sent as it comes; waiting to fill a packet would only add delay.
    conn.setNoDelay(true);
    const serving = trusted
      ? this.#serveProxied(conn, peer)
      : this.#serve(this.#connect(conn, { remote: peer, viaProxy: false }));
    const kept = serving.finally(() => {
      this.#options.limits.release(host);
      this.#serving.delete(kept);
    });
    this.#serving.add(kept);
  }

  #connect(
    conn: Deno.TcpConn,
    origin: Omit<ConnectionFacts, "secure" | "localPort">,
  ): SocketConnection {
    const localPort = (conn.localAddr as Deno.NetAddr).port;
    const facts = { ...origin, secure: false, localPort };
    return new SocketConnection(conn, facts, this.#options.ticker);
  }

  async #serve(connection: SocketConnection): Promise<void> {
    this.#connections.add(connection);
    try {
      await this.#options.serve(connection);
    } catch (error) {
      const reason = messageOf(error);
      const remote = formatAddress(connection.remote);
      this.#throttle.log("serve-error", reason, { remote, reason });
    }
    connection.close();
    this.#connections.delete(connection);
  }

  /** Serves a trusted proxy's connection, once it has told for whom it comes. */
  async #serveProxied(conn: Deno.TcpConn, peer: Address): Promise<void> {
    const proxied = await this.#readProxied(conn, peer);
    if (!proxied) return closeOnce(conn);
    const { hasHeader, source, rest: begin } = proxied;
    const full = source && this.#options.limits.acquireNetwork(source.host);
    if (full) {
      conn.close();
      return this.#refuse(source, "limit", full);
    }
    const remote = source ?? peer;
    await this.#serve(
      this.#connect(conn, { remote, viaProxy: !hasHeader, begin }),
    );
    if (source) this.#options.limits.releaseNetwork(source.host);
  }

  async #readProxied(
    conn: Deno.TcpConn,
    peer: Address,
  ): Promise<Proxied | undefined> {
    const opening: Opening = {
      since: this.#options.ticker.now,
      close: () => closeOnce(conn),
      late: undefined,
    };
    this.#openings.add(opening);
    try {
      const proxied = await readProxied(conn);
      if (!opening.late && !this.#closing) return proxied;
    } catch (error) {
      opening.late ??= messageOf(error);
    } finally {
      this.#openings.delete(opening);
    }
    if (opening.late) this.#refuse(peer, "bad-request", opening.late);
    return undefined;
  }

  #refuse(peer: Address, code: string, reason: string): void {
    const remote = formatAddress(peer);
    // The figures in a reason differ from time to time; the cause is the same.
    const cause = reason.replaceAll(/[\d.]+/g, "");
    this.#throttle.log("refused", cause, { remote, code, reason });
  }
}

/** It may have been closed already, because its time had run out. */
function closeOnce(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
