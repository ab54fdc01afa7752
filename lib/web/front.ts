import { messageOf } from "../errors.ts";
import type { MemoryBudget } from "../hub/memory/memory_budget.ts";
import type { Trusts } from "../net/ip_network.ts";
import type { TlsIdentity } from "../net/tls_files.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { forwardedFor } from "./forwarded.ts";
import { createHandler, type Handler } from "./handler.ts";
import { OpenSessions } from "./open_sessions.ts";
import type { HttpRooms } from "./rooms.ts";
import { SocketMemory } from "./socket_memory.ts";
import { WebListener } from "./web_listener.ts";

/** Milliseconds between two complaints of the same kind in the log. */
const COMPLAINT_MS = 1000;

/** What an HTTP front has beside its handler. */
export interface HttpFrontOptions {
  /** With it the front speaks HTTPS (HTTP/1.1 and HTTP/2), without it HTTP. */
  readonly identity?: TlsIdentity;
  /** Proxies that are believed when they say for whom they come. Default nobody. */
  readonly trusts?: Trusts;
}

/**
 * Milliseconds that the runtime has to send the last bytes of sessions that have ended. A peer that does
 * not take them is left to the end of the process.
 */
const FLUSH_MS = 500;

/** The HTTP front: the handler behind its sockets. */
export class HttpFront {
  readonly #listeners: WebListener[] = [];
  readonly #handler: Handler;
  readonly #rooms: HttpRooms;
  readonly #trusts: Trusts | undefined;
  /** When each event was told last. */
  readonly #complainedAt: Map<string, number> = new Map();

  /**
   * Listens.
   *
   * @param addresses Where.
   * @param rooms What the handler works with.
   * @param options Certificate and trusted proxies.
   * @throws {Deno.errors.AddrInUse} and the like when an address cannot be had.
   */
  constructor(
    addresses: readonly Address[],
    rooms: Omit<HttpRooms, "sessions" | "sockets">,
    options: HttpFrontOptions = {},
  ) {
    const sockets = new SocketMemory({
      limitBytes: () => unheldBytes(rooms.hub.memory),
      ticker: rooms.ticker,
      cut: (bytes) => this.#cutSockets(bytes),
    });
    this.#rooms = { ...rooms, sessions: new OpenSessions(), sockets };
    this.#handler = createHandler(this.#rooms);
    this.#trusts = options.trusts;
    try {
      for (const address of addresses) this.#listen(address, options.identity);
    } catch (error) {
      for (const listener of this.#listeners) listener.close();
      sockets.close();
      throw error;
    }
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#listeners.map(({ address }) => address);
  }

  /**
   * Waits for the sessions under way, and stops accepting.
   *
   * @param graceMs Milliseconds after which the rest is cut.
   */
  async close(graceMs: number): Promise<void> {
    const quiet = await this.#rooms.sessions.close(graceMs);
    this.#rooms.sockets.close();
    // Behind a shutdown the runtime cannot cut any more: whoever does not end is cut before it.
    if (!quiet) { for (const listener of this.#listeners) listener.cut(); }
    const closed = this.#listeners.map((listener) => listener.close());
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS);
    await Promise.race([Promise.all(closed), late]);
    clearTimeout(timer);
  }

  /**
   * Shows another certificate to whoever connects from now on.
   *
   * @param identity What is shown.
   * @throws {Deno.errors.AddrInUse} When somebody else has taken a port meanwhile.
   */
  async renew(identity: TlsIdentity): Promise<void> {
    await Promise.all(
      this.#listeners.map((listener) => listener.renew(identity)),
    );
  }

  #listen(address: Address, identity: TlsIdentity | undefined): void {
    this.#listeners.push(
      new WebListener(address, {
        handler: (request, { remoteAddr }) =>
          this.#answer(request, remoteAddr as Deno.NetAddr),
        ...(identity && { identity }),
        failed: (error) =>
          this.#complain("accept-error", { reason: messageOf(error) }),
      }),
    );
  }

  #answer(
    request: Request,
    { hostname, port }: Deno.NetAddr,
  ): Promise<Response> {
    const peer = { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
    const header = request.headers.get("x-forwarded-for");
    const real = this.#trusts ? forwardedFor(peer, header, this.#trusts) : peer;
    return this.#handler(request, { remote: formatAddress(real) });
  }

  /** Begins anew, which is the only way to close sockets whose peers do not want to. */
  #cutSockets(bytes: number): void {
    const reason = "native memory grew beyond what sockets may cost";
    this.#complain("sockets-cut", { reason, bytes });
    // Why one does not listen again at once, it tells itself, and goes on trying.
    for (const listener of this.#listeners) listener.renew().catch(() => {});
  }

  /** A flood must not fill the log: once a second is enough. */
  #complain(event: string, fields: Record<string, string | number>): void {
    const { ticker, logger } = this.#rooms;
    const last = this.#complainedAt.get(event) ?? -Infinity;
    if (ticker.now - last < COMPLAINT_MS) return;
    this.#complainedAt.set(event, ticker.now);
    logger.log(event, fields);
  }
}

/** Bytes of the promise that nothing is known to hold. */
function unheldBytes({ limitBytes, held }: MemoryBudget): number {
  const bytes = Object.values(held).reduce((sum, kind) => sum + kind, 0);
  return Math.max(0, limitBytes - bytes);
}
