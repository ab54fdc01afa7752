import { type Address, formatAddress } from "../values.ts";
import { createHandler, type Handler } from "./handler.ts";
import type { HttpRooms } from "./rooms.ts";

/** The HTTP front: the handler behind its sockets. */
export class HttpFront {
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  readonly #cut = new AbortController();

  /**
   * Listens.
   *
   * @param addresses Where.
   * @param rooms What the handler works with.
   * @throws {Deno.errors.AddrInUse} and the like when an address cannot be had.
   */
  constructor(addresses: readonly Address[], rooms: HttpRooms) {
    const handler = createHandler(rooms);
    try {
      for (const address of addresses) {
        this.#servers.push(this.#serve(address, handler));
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
   * Stops accepting, and waits for the answers under way.
   *
   * @param graceMs Milliseconds after which the rest is cut.
   */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#cut.abort(), graceMs);
    await Promise.all(this.#servers.map((server) => server.shutdown()));
    clearTimeout(timer);
  }

  #serve(
    { host, port }: Address,
    handler: Handler,
  ): Deno.HttpServer<Deno.NetAddr> {
    const hostname = host === "" ? "::" : host;
    try {
      return Deno.serve({
        hostname,
        port,
        signal: this.#cut.signal,
        onListen: () => {},
      }, (request, { remoteAddr }) => {
        const { hostname, port } = remoteAddr as Deno.NetAddr;
        const peer = { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
        return handler(request, { remote: formatAddress(peer) });
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
