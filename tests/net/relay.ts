import type { Address } from "../../lib/net/address.ts";

/** Passes the bytes of one connection on, and can end it below TLS. */
export class Relay implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.TcpConn[] = [];
  readonly #cut = new AbortController();
  readonly #running: Promise<unknown>;

  /**
   * Listens for the connection.
   *
   * @param target Where it is relayed to.
   * @param first What the relay sends there before it, as a proxy does.
   */
  constructor(target: Address, first: Uint8Array) {
    this.#running = this.#run(target, first);
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Ends the connection to the server, without the end of TLS. */
  async endTowardsServer(): Promise<void> {
    this.#cut.abort();
    await this.#conns[1]!.closeWrite();
    await this.#running;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const conn of this.#conns) closeAgain(conn);
  }

  async #run({ host, port }: Address, first: Uint8Array): Promise<void> {
    const client = await this.#listener.accept();
    const server = await Deno.connect({ hostname: host, port });
    this.#conns.push(client, server);
    for (let at = 0; at < first.length; at++) {
      await server.write(first.subarray(at, at + 1));
    }
    const { signal } = this.#cut;
    const stays = { signal, preventAbort: true, preventCancel: true };
    await Promise.allSettled([
      client.readable.pipeTo(server.writable, stays),
      server.readable.pipeTo(client.writable, stays),
    ]);
  }
}

/** The pipes may have closed it. */
function closeAgain(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
