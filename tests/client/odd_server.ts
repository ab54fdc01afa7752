import type { ClientOptions } from "../../lib/client/client_options.ts";
import { fromRoot } from "../helpers/root.ts";

/** Something that listens and is no fstream server; `await using` ends it. */
export class OddServer implements AsyncDisposable {
  /** Resolves once a connection has been accepted. */
  readonly accepted: Promise<void>;
  readonly #listener: Deno.TcpListener | Deno.TlsListener;
  readonly #connections: Deno.Conn[] = [];
  readonly #serving: Promise<void>;

  constructor(
    listener: Deno.TcpListener | Deno.TlsListener,
    greet: (conn: Deno.Conn) => Promise<void>,
  ) {
    this.#listener = listener;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.accepted = promise;
    this.#serving = this.#serve(greet, resolve);
  }

  /** One that answers the first bytes with some of its own, and closes. */
  static answering(bytes: Uint8Array<ArrayBuffer> | string): OddServer {
    const answer = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    return new OddServer(onLoopback(), async (conn) => {
      await conn.read(new Uint8Array(4096));
      for (const byte of answer) await conn.write(Uint8Array.of(byte));
      conn.close();
    });
  }

  /** One that accepts connections and never answers. */
  static silent(): OddServer {
    return new OddServer(onLoopback(), () => Promise.resolve());
  }

  /** One that expects TLS, with a certificate by an authority of the tests. */
  static tls(): OddServer {
    const read = (name: string): string =>
      Deno.readTextFileSync(fromRoot(`tests/vectors/tls/${name}`));
    const cert = read("server_one.pem");
    const key = read("server_one.key");
    const where = { hostname: "127.0.0.1", port: 0 };
    const listener = Deno.listenTls({ ...where, cert, key });
    return new OddServer(listener, async (conn) => {
      await (conn as Deno.TlsConn).handshake();
      conn.close();
    });
  }

  /** How a client reaches it. */
  get client(): ClientOptions {
    const { port } = this.#listener.addr as Deno.NetAddr;
    return { address: { host: "127.0.0.1", port }, wire: 2, reply: true };
  }

  /** `host:port`. */
  get name(): string {
    return `127.0.0.1:${this.client.address.port}`;
  }

  async #serve(
    greet: (conn: Deno.Conn) => Promise<void>,
    accepted: () => void,
  ): Promise<void> {
    const greetings: Promise<void>[] = [];
    try {
      for await (const conn of this.#listener) {
        this.#connections.push(conn);
        accepted();
        greetings.push(greet(conn).catch(() => {})); // The client went away.
      }
    } finally {
      await Promise.all(greetings);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#connections) {
      try {
        conn.close();
      } catch {
        // It has been closed already.
      }
    }
    await this.#serving.catch(() => {});
  }
}

function onLoopback(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}
