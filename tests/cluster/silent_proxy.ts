import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP proxy whose network can be parted: nothing is closed, and no byte arrives; `await using` ends it. */
export class SilentProxy implements AsyncDisposable {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  #isParted = false;

  /** Not listening yet; see {@linkcode SilentProxy.start}. */
  constructor(target: number) {
    this.#target = target;
    this.#server = createServer({ pauseOnConnect: true }, (client) => {
      this.#accept(client);
    });
  }

  /** Starts one on a port of its own, for a port of loopback. */
  static async start(target: number): Promise<SilentProxy> {
    const proxy = new SilentProxy(target);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** From now on no byte arrives; what is sent waits. */
  part(): void {
    this.#isParted = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was sent meanwhile arrives, as with TCP, which sends again. */
  heal(): void {
    this.#isParted = false;
    for (const socket of this.#sockets) socket.resume();
  }

  #accept(client: Socket): void {
    const server = connect({ host: "127.0.0.1", port: this.#target });
    for (const [from, to] of [[client, server], [server, client]] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => {});
      // A slow reader is not slowed down: tests send little.
      from.on("data", (bytes) => void to.write(bytes));
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroySoon();
      });
      if (this.#isParted) from.pause();
      else from.resume();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
