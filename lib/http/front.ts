import type { Trusts } from "../ip_network.ts";
import type { TlsIdentity } from "../tls.ts";
import { type Address, formatAddress } from "../values.ts";
import { forwardedFor } from "./forwarded.ts";
import { createHandler, type Handler } from "./handler.ts";
import { OpenSessions } from "./open_sessions.ts";
import type { HttpRooms } from "./rooms.ts";

/** Milliseconds between two tries to have the port back from oneself. */
const REBIND_MS = 10;

/** Tries: three seconds, a hundred times what it takes. */
const REBIND_TRIES = 300;

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
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  /** Servers whose certificate is no longer shown, until their last answer is over. */
  readonly #retired: Set<Promise<void>> = new Set();
  readonly #handler: Handler;
  readonly #trusts: Trusts | undefined;
  #identity: TlsIdentity | undefined;
  readonly #sessions = new OpenSessions();
  readonly #cut = new AbortController();

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
    rooms: Omit<HttpRooms, "sessions">,
    options: HttpFrontOptions = {},
  ) {
    this.#handler = createHandler({ ...rooms, sessions: this.#sessions });
    this.#identity = options.identity;
    this.#trusts = options.trusts;
    try {
      for (const address of addresses) {
        this.#servers.push(this.#serve(address));
      }
    } catch (error) {
      this.#cut.abort();
      throw error;
    }
  }

  /** Where it listens, with the ports that the system chose. */
  get addresses(): Address[] {
    return this.#servers.map(({ addr }) => ({
      host: addr.hostname,
      port: addr.port,
    }));
  }

  /**
   * Waits for the sessions under way, and stops accepting.
   *
   * @param graceMs Milliseconds after which the rest is cut.
   */
  async close(graceMs: number): Promise<void> {
    const quiet = await this.#sessions.close(graceMs);
    // Behind a shutdown the runtime cannot cut any more: whoever does not end is cut before it.
    if (!quiet) this.#cut.abort();
    for (const server of this.#servers) this.#retire(server);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS);
    await Promise.race([Promise.all(this.#retired), late]);
    clearTimeout(timer);
  }

  /**
   * Shows another certificate to whoever connects from now on. The runtime binds a certificate to a
   * server, so the servers are changed; answers under way go on to their end.
   *
   * @param identity What is shown.
   * @throws {Deno.errors.AddrInUse} When somebody else has taken a port meanwhile.
   */
  async renew(identity: TlsIdentity): Promise<void> {
    this.#identity = identity;
    await Promise.all(this.#servers.map((_, index) => this.#rebind(index)));
  }

  async #rebind(index: number): Promise<void> {
    const { addr } = this.#servers[index]!;
    this.#retire(this.#servers[index]!);
    const address = { host: addr.hostname, port: addr.port };
    for (let tries = 1; !this.#sessions.closing.aborted; tries++) {
      try {
        this.#servers[index] = this.#serve(address);
        return;
      } catch (error) {
        const inUse = error instanceof Deno.errors.AddrInUse;
        if (!inUse || tries >= REBIND_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, REBIND_MS));
    }
  }

  #retire(server: Deno.HttpServer<Deno.NetAddr>): void {
    const over = server.shutdown().finally(() => this.#retired.delete(over));
    this.#retired.add(over);
  }

  #serve({ host, port }: Address): Deno.HttpServer<Deno.NetAddr> {
    const hostname = host === "" ? "::" : host;
    const handler = this.#handler;
    try {
      return Deno.serve({
        hostname,
        port,
        signal: this.#cut.signal,
        onListen: () => {},
        ...this.#identity,
      }, (request, { remoteAddr }) => {
        const { hostname, port } = remoteAddr as Deno.NetAddr;
        const peer = { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
        const header = request.headers.get("x-forwarded-for");
        const real = this.#trusts
          ? forwardedFor(peer, header, this.#trusts)
          : peer;
        return handler(request, { remote: formatAddress(real) });
      }) as Deno.HttpServer<Deno.NetAddr>;
    } catch (error) {
      if (error instanceof Error) {
        error.message = `Cannot listen at ${
          formatAddress({ host, port })
        }: ${error.message}`;
      }
      throw error;
    }
  }
}
