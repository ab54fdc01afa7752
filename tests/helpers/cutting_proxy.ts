import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../lib/net/address.ts";

/** The head of a request for a WebSocket. */
const WEBSOCKET = /\r\nupgrade: websocket\r\n/i;

/** A TCP proxy that forwards everything, and cuts WebSockets when a test says so; `await using` ends it. */
export class CuttingProxy implements AsyncDisposable {
  /** Whether connections are ended as soon as they are made. */
  isDown = false;
  readonly #target: Address;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  /** Bytes that a WebSocket may still send to its client. */
  #left = Infinity;
  #onCut: (() => void) | undefined;

  /** Not listening yet; see {@linkcode CuttingProxy.start}. */
  constructor(target: Address) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Starts one on a port of its own. */
  static async start(target: Address): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    const { port } = this.#server.address() as { port: number };
    return `127.0.0.1:${port}`;
  }

  /**
   * Cuts a WebSocket, without a close message, after a number of further bytes to its client.
   *
   * @returns Settles when it is cut.
   */
  cutAfter(bytes: number): Promise<void> {
    this.#left = bytes;
    return new Promise((resolve) => this.#onCut = resolve);
  }

  #accept(client: Socket): void {
    if (this.isDown) return void client.destroy();
    const { host, port } = this.#target;
    const server = connect({ host, port });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        (socket === client ? server : client).destroySoon();
      });
    }
    client.once("data", (head: Uint8Array) => {
      const isWebSocket = WEBSOCKET.test(new TextDecoder().decode(head));
      server.write(head);
      client.pipe(server);
      if (!isWebSocket) server.pipe(client);
      else server.on("data", (part) => this.#forward(part, client, server));
    });
  }

  #forward(bytes: Uint8Array, client: Socket, server: Socket): void {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    if (!client.write(part)) {
      server.pause();
      client.once("drain", () => server.resume());
    }
    if (this.#left > 0) return;
    this.#left = Infinity;
    server.destroy();
    this.#onCut?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
