import { createServer, type Server, type Socket } from "node:net";
import type { ClientOptions } from "../../lib/client/client_options.ts";
import { encodeFrame } from "../../lib/wire/frame.ts";

/** A server that accepts a request, and resets its connection; `await using` ends it. */
export class ResettingServer implements AsyncDisposable {
  /** Resolves once the client has ended its side. */
  readonly clientEnded: Promise<void>;
  readonly #server: Server;
  readonly #sockets: Socket[] = [];

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.clientEnded = promise;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.push(socket);
      socket.once("data", () => socket.write(encodeFrame("ok")));
      socket.once("end", resolve);
      socket.resume();
    });
  }

  /** Starts one on loopback. */
  static async start(): Promise<ResettingServer> {
    const server = new ResettingServer();
    await new Promise<void>((resolve) => {
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  /** How a client reaches it. */
  get client(): ClientOptions {
    const { port } = this.#server.address() as { readonly port: number };
    return { address: { host: "127.0.0.1", port }, wire: 2, reply: true };
  }

  /** Resets all connections. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
