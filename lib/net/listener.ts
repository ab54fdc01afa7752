import { LogThrottle } from "../clock/log_throttle.ts";
import type { Tickable, Ticker } from "../clock/ticker.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Address, formatAddress, remoteAddress } from "./address.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionLimits } from "./connection_limits.ts";
import type { Trusts } from "./ip_network.ts";
import { listen } from "./listen.ts";
import { type Opened, Opening } from "./opening.ts";
import {
  type ConnectionFacts,
  SocketConnection,
  type Transport,
} from "./socket_connection.ts";
import type { TlsIdentity } from "./tls_files.ts";
import { createTlsContext, type TlsContext } from "./tls_context.ts";

/**
 * Milliseconds between two tries to accept when the system has no file descriptor left: short enough
 * to go unnoticed, long enough not to spin.
 */
const ACCEPT_RETRY_MS = 100;

/** Why connections are cut that outlast the grace period of {@linkcode Listener.close}. */
const SHUTTING_DOWN = "the server is shutting down";

/** What a listener needs. */
export interface ListenerOptions {
  /** Where it listens without TLS. */
  readonly addresses: readonly Address[];
  /** Where it listens with TLS, and its certificate. Default nowhere. */
  readonly tls?: {
    readonly addresses: readonly Address[];
    readonly identity: TlsIdentity;
  };
  /** Whether other servers of this machine may listen there too. Default no. */
  readonly reusePort?: boolean;
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

/** Accepts the connections of every protocol, and watches over their limits. */
export class Listener implements Tickable {
  readonly #options: ListenerOptions;
  readonly #throttle: LogThrottle;
  readonly #plain: Deno.TcpListener[] = [];
  readonly #secure: Deno.TcpListener[] = [];
  /** The certificate that new connections are shown; `undefined` where there is no TLS. */
  #tls: TlsContext | undefined;
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
  static listen(options: ListenerOptions): Listener {
    const listener = new Listener(options);
    try {
      listener.#listen();
    } catch (error) {
      listener.#stop();
      throw error;
    }
    return listener;
  }

  /** Where it listens without TLS, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#plain.map(addressOf);
  }

  /** Where it listens with TLS. */
  get tlsAddresses(): Address[] {
    return this.#secure.map(addressOf);
  }

  /** Connections that are being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Presents another certificate to new connections; the others keep theirs.
   *
   * @throws {Error} When it cannot be used; the old one is kept then.
   */
  renew(identity: TlsIdentity): void {
    if (this.#tls) this.#tls = createTlsContext(identity);
  }

  /**
   * Stops accepting, and waits until the connections have been served.
   *
   * @param graceMs Milliseconds after which the remaining ones are cut.
   */
  async close(graceMs: number): Promise<void> {
    this.#stopListening();
    for (const opening of this.#openings) opening.close(SHUTTING_DOWN);
    const timer = setTimeout(() => this.#cutAll(), graceMs);
    await Promise.all(this.#serving);
    clearTimeout(timer);
    this.#stop();
  }

  /** Cuts what has used up its time. */
  tick(): void {
    const { stallMs, requestMs } = this.#options;
    for (const connection of this.#connections) {
      connection.cutIfStalled(stallMs);
    }
    for (const opening of this.#openings) opening.closeIfLate(requestMs);
  }

  #listen(): void {
    const { addresses, tls, reusePort } = this.#options;
    for (const address of addresses) {
      this.#plain.push(listen(address, reusePort));
    }
    if (tls && tls.addresses.length > 0) {
      this.#tls = createTlsContext(tls.identity);
      for (const address of tls.addresses) {
        this.#secure.push(listen(address, reusePort));
      }
    }
    for (const listener of this.#plain) this.#acceptFrom(listener, false);
    for (const listener of this.#secure) this.#acceptFrom(listener, true);
  }

  #stop(): void {
    this.#stopListening();
    this.#options.ticker.delete(this);
    this.#throttle.close();
  }

  #stopListening(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const listener of [...this.#plain, ...this.#secure]) listener.close();
  }

  #cutAll(): void {
    for (const connection of this.#connections) {
      connection.cut(SHUTTING_DOWN);
    }
  }

  async #acceptFrom(
    listener: Deno.TcpListener,
    secure: boolean,
  ): Promise<void> {
    while (!this.#closing) {
      try {
        this.#admit(await listener.accept(), secure);
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

  #admit(conn: Deno.TcpConn, secure: boolean): void {
    if (this.#closing) return conn.close();
    try {
      // Media is sent as it comes; waiting to fill a packet would only add delay.
      conn.setNoDelay(true);
    } catch {
      return conn.close(); // On some systems that fails when the peer has gone.
    }
    const peer = remoteAddress(conn.remoteAddr);
    const trusted = this.#options.trusts(peer.host);
    const host = trusted ? undefined : peer.host;
    const full = this.#options.limits.acquire(host, secure);
    if (full) {
      conn.close();
      return this.#refuse(peer, "limit", full);
    }
    const { port: localPort } = conn.localAddr as Deno.NetAddr;
    const facts = { remote: peer, viaProxy: false, secure, localPort };
    const serving = trusted || secure
      ? this.#serveOpened(conn, facts, trusted)
      : this.#serve(this.#connect(conn, facts));
    const kept = serving.finally(() => {
      this.#options.limits.release(host, secure);
      this.#serving.delete(kept);
    });
    this.#serving.add(kept);
  }

  #connect(transport: Transport, facts: ConnectionFacts): SocketConnection {
    return new SocketConnection(transport, facts, this.#options.ticker);
  }

  /** Serves a connection once its PROXY header and its TLS handshake are complete. */
  async #serveOpened(
    conn: Deno.TcpConn,
    facts: ConnectionFacts,
    trusted: boolean,
  ): Promise<void> {
    const opened = await this.#open(conn, facts, trusted);
    if (!opened) return;
    const { limits } = this.#options;
    const { source, transport } = opened;
    const full = source && limits.acquireNetwork(source.host);
    if (full) {
      transport.close();
      return this.#refuse(source, "limit", full);
    }
    const { viaProxy, begin } = opened;
    const remote = source ?? facts.remote;
    await this.#serve(
      this.#connect(transport, { ...facts, remote, viaProxy, begin }),
    );
    if (source) limits.releaseNetwork(source.host);
  }

  async #open(
    conn: Deno.TcpConn,
    { remote, secure }: ConnectionFacts,
    trusted: boolean,
  ): Promise<Opened | undefined> {
    const opening = new Opening(conn, this.#options.ticker);
    this.#openings.add(opening);
    const tls = secure ? this.#tls : undefined;
    const opened = await opening.open({ trusted, tls });
    this.#openings.delete(opening);
    if (typeof opened !== "string") return opened;
    if (!this.#closing) this.#refuse(remote, "bad-request", opened);
    return undefined;
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

  #refuse(peer: Address, code: string, reason: string): void {
    const remote = formatAddress(peer);
    // The figures in a reason differ from time to time; the cause is the same.
    const cause = reason.replaceAll(/[\d.]+/g, "");
    this.#throttle.log("refused", cause, { remote, code, reason });
  }
}

function addressOf({ addr }: Deno.TcpListener): Address {
  return { host: addr.hostname, port: addr.port };
}
