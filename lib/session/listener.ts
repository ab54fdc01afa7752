import { messageOf, Refusal } from "../errors.ts";
import type { Trusts } from "../net/ip_network.ts";
import type { Logger } from "../logger.ts";
import type { TlsIdentity } from "../net/tls_files.ts";
import { type Address, formatAddress, remoteAddress } from "../net/address.ts";
import type { ConnectionCaps } from "../net/connection_limits.ts";
import { listen, type Listener } from "../net/listen.ts";
import { Session, type SessionRooms } from "./session.ts";
import { type Introduction, readIntroduction } from "../net/introduction.ts";
import { TcpPeer } from "../net/tcp_peer.ts";
import { TlsListener } from "../net/tls_listener.ts";

/**
 * Milliseconds between two tries to accept when the system has no file descriptor left: short enough
 * that nobody notices, long enough not to spin.
 */
const ACCEPT_RETRY_MS = 100;

/**
 * Connections of trusted proxies that have not said yet for whom they come. They count for nobody, so
 * they need a bound of their own; a proxy says it at once.
 */
export const MAX_INTRODUCING = 1024;

/** What the TCP front needs. */
export interface TcpFrontOptions {
  /** Where to listen. */
  readonly addresses: readonly Address[];
  /** Where to listen with TLS, and what is shown there; nowhere when it is left out. */
  readonly tls?: TlsListenOptions;
  /** Counts connections, of all fronts together. */
  readonly caps: ConnectionCaps;
  /**
   * Proxies that say in front of each connection in the clear for whom it comes. With TLS they cannot:
   * what comes first there is TLS. Default nobody.
   */
  readonly trusts?: Trusts;
  /** What sessions work with. */
  readonly rooms: SessionRooms;
}

/** Where a front listens with TLS. */
export interface TlsListenOptions {
  /** Where. */
  readonly addresses: readonly Address[];
  /** What it shows. */
  readonly identity: TlsIdentity;
}

/** The TCP front: accepts connections and runs a session on each. */
export class TcpFront {
  readonly #plain: Listener[] = [];
  readonly #tls: TlsListener[] = [];
  readonly #caps: ConnectionCaps;
  readonly #rooms: SessionRooms;
  readonly #trusts: Trusts;
  readonly #introducing: Set<Deno.Conn> = new Set();
  readonly #logger: Logger;
  readonly #peers: Set<TcpPeer> = new Set();
  readonly #sessions: Set<Promise<void>> = new Set();
  #closing = false;
  #lastComplaint = -Infinity;

  /**
   * Listens.
   *
   * @throws {Deno.errors.AddrInUse} and the like when an address cannot be had.
   */
  constructor(options: TcpFrontOptions) {
    this.#caps = options.caps;
    this.#rooms = options.rooms;
    this.#trusts = options.trusts ?? nobody;
    this.#logger = options.rooms.logger;
    try {
      this.#listenAtAll(options);
    } catch (error) {
      this.#stopListening();
      throw error;
    }
    for (const listener of this.#listeners) this.#acceptFrom(listener);
  }

  /** Where it listens in the clear, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#plain.map(addressOf);
  }

  /** Where it listens with TLS. */
  get tlsAddresses(): Address[] {
    return this.#tls.map(addressOf);
  }

  /** Connections at present. */
  get connections(): number {
    return this.#peers.size;
  }

  /**
   * Shows another certificate to whoever connects from now on.
   *
   * @param identity What is shown.
   * @throws {Deno.errors.AddrInUse} When somebody else has taken a port meanwhile.
   */
  async renew(identity: TlsIdentity): Promise<void> {
    await Promise.all(this.#tls.map((listener) => listener.renew(identity)));
  }

  /**
   * Stops accepting, and waits for the sessions to end.
   *
   * @param graceMs Milliseconds after which the rest is cut.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    for (const conn of this.#introducing) close(conn);
    const timer = setTimeout(() => this.#cutAll(), graceMs);
    await Promise.all(this.#sessions);
    clearTimeout(timer);
  }

  get #listeners(): Listener[] {
    return [...this.#plain, ...this.#tls];
  }

  #listenAtAll({ addresses, tls }: TcpFrontOptions): void {
    for (const address of addresses) this.#plain.push(listen(address));
    if (!tls) return;
    for (const address of tls.addresses) {
      this.#tls.push(new TlsListener(address, tls.identity));
    }
  }

  #stopListening(): void {
    for (const listener of this.#listeners) listener.close();
  }

  #cutAll(): void {
    for (const peer of this.#peers) peer.close();
  }

  async #acceptFrom(listener: Listener): Promise<void> {
    while (!this.#closing) {
      try {
        this.#admit(await listener.accept());
      } catch (error) {
        if (this.#closing) return;
        await this.#acceptFailed(error);
      }
    }
  }

  /** Out of file descriptors, or the peer went while it was accepted: both pass. */
  async #acceptFailed(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.ConnectionAborted) return;
    this.#complain("accept-error", { reason: messageOf(error) });
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
  }

  #admit(conn: Deno.TcpConn | Deno.TlsConn): void {
    const { host } = remoteAddress(conn.remoteAddr);
    if ("handshake" in conn || !this.#trusts(host)) {
      return this.#enter(new TcpPeer(conn));
    }
    if (this.#introducing.size < MAX_INTRODUCING) {
      return this.#run(this.#introduce(conn));
    }
    conn.close();
    this.#refused(host, "limit", "too many connections of proxies at once");
  }

  /** Waits for what the proxy says; the session's own wait for its request begins thereafter. */
  async #introduce(conn: Deno.TcpConn): Promise<void> {
    this.#introducing.add(conn);
    const { preludeMs } = this.#rooms.limits;
    let late: string | undefined;
    const timer = setTimeout(() => {
      late = "the trusted proxy sent its header too slowly";
      close(conn);
    }, preludeMs);
    let introduction: Introduction | undefined;
    try {
      introduction = await readIntroduction(conn);
    } catch (error) {
      const detail = error instanceof Refusal ? error.detail : undefined;
      const reason = late ?? detail ?? messageOf(error);
      const remote = formatAddress(remoteAddress(conn.remoteAddr));
      this.#refused(remote, "bad-request", reason);
    }
    clearTimeout(timer);
    this.#introducing.delete(conn);
    if (introduction && !this.#closing) {
      this.#enter(new TcpPeer(conn, introduction));
    } else close(conn);
  }

  #enter(peer: TcpPeer): void {
    const full = this.#caps.enter(peer.remote.host);
    if (full) {
      peer.close();
      return this.#refused(peer.remote.host, "limit", full);
    }
    this.#peers.add(peer);
    const session = new Session(peer, this.#rooms).run().finally(() => {
      this.#caps.leave(peer.remote.host);
      this.#peers.delete(peer);
    });
    this.#run(session);
  }

  /** Keeps what runs, to be waited for in the end. */
  #run(task: Promise<void>): void {
    const kept = task.finally(() => this.#sessions.delete(kept));
    this.#sessions.add(kept);
  }

  #refused(remote: string, code: string, reason: string): void {
    this.#complain("refused", { remote, code, reason });
  }

  /** A flood must not fill the log: once a second is enough. */
  #complain(event: string, fields: Record<string, string>): void {
    const now = this.#rooms.ticker.now;
    if (now - this.#lastComplaint < 1000) return;
    this.#lastComplaint = now;
    this.#logger.log(event, fields);
  }
}

function addressOf({ addr }: Listener): Address {
  return { host: addr.hostname, port: addr.port };
}

/** It may have been closed for its slowness. */
function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function nobody(): boolean {
  return false;
}
