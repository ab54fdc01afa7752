import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Address, formatAddress } from "../values.ts";
import type { ConnectionCaps } from "../connection_caps.ts";
import { Session, type SessionRooms } from "./session.ts";
import { TcpPeer } from "./tcp_peer.ts";

/**
 * Milliseconds between two tries to accept when the system has no file descriptor left: short enough
 * that nobody notices, long enough not to spin.
 */
const ACCEPT_RETRY_MS = 100;

/** What the TCP front needs. */
export interface TcpFrontOptions {
  /** Where to listen. */
  readonly addresses: readonly Address[];
  /** Counts connections, of all fronts together. */
  readonly caps: ConnectionCaps;
  /** What sessions work with. */
  readonly rooms: SessionRooms;
}

/** The TCP front: accepts connections and runs a session on each. */
export class TcpFront {
  readonly #listeners: Deno.TcpListener[];
  readonly #caps: ConnectionCaps;
  readonly #rooms: SessionRooms;
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
    this.#logger = options.rooms.logger;
    this.#listeners = [];
    try {
      for (const address of options.addresses) {
        this.#listeners.push(listen(address));
      }
    } catch (error) {
      this.#stopListening();
      throw error;
    }
    for (const listener of this.#listeners) this.#acceptFrom(listener);
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#listeners.map(({ addr }) => ({
      host: addr.hostname,
      port: addr.port,
    }));
  }

  /** Connections at present. */
  get connections(): number {
    return this.#peers.size;
  }

  /**
   * Stops accepting, and waits for the sessions to end.
   *
   * @param graceMs Milliseconds after which the rest is cut.
   */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.#stopListening();
    const timer = setTimeout(() => this.#cutAll(), graceMs);
    await Promise.all(this.#sessions);
    clearTimeout(timer);
  }

  #stopListening(): void {
    for (const listener of this.#listeners) listener.close();
  }

  #cutAll(): void {
    for (const peer of this.#peers) peer.close();
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

  /** Out of file descriptors, or the peer went while it was accepted: both pass. */
  async #acceptFailed(error: unknown): Promise<void> {
    if (error instanceof Deno.errors.ConnectionAborted) return;
    this.#complain("accept-error", { reason: messageOf(error) });
    await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
  }

  #admit(conn: Deno.TcpConn): void {
    const peer = new TcpPeer(conn);
    const full = this.#caps.enter(peer.remote.host);
    if (full) {
      peer.close();
      return this.#complain("refused", {
        remote: peer.remote.host,
        code: "limit",
        reason: full,
      });
    }
    this.#peers.add(peer);
    const session = new Session(peer, this.#rooms).run().finally(() => {
      this.#caps.leave(peer.remote.host);
      this.#peers.delete(peer);
      this.#sessions.delete(session);
    });
    this.#sessions.add(session);
  }

  /** A flood must not fill the log: once a second is enough. */
  #complain(event: string, fields: Record<string, string>): void {
    const now = this.#rooms.sweep.now;
    if (now - this.#lastComplaint < 1000) return;
    this.#lastComplaint = now;
    this.#logger.log(event, fields);
  }
}

/** Listens at one address. No host means every address: one socket takes IPv6 and IPv4 alike. */
function listen({ host, port }: Address): Deno.TcpListener {
  if (host !== "") return listenAt(host, port);
  try {
    return listenAt("::", port);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw named(error, { host, port });
    }
    return listenAt("0.0.0.0", port); // The machine has no IPv6.
  }
}

function listenAt(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    throw named(error, { host: hostname, port });
  }
}

/** The same error, with the address in its words. */
function named(error: unknown, address: Address): unknown {
  if (!(error instanceof Error) || error.message.startsWith("Cannot listen")) {
    return error;
  }
  error.message = `Cannot listen at ${
    formatAddress(address)
  }: ${error.message}`;
  return error;
}
