import { connect, createServer, type Server, type Socket } from "node:net";
import type { Address } from "../../lib/net/address.ts";

/** What a proxy does to one connection. */
export interface Fault {
  /**
   * `reset` and `close` end both sides; `half-close` ends the receiving side alone; `freeze` forwards no
   * further byte in the direction, and closes nothing.
   */
  readonly kind: "reset" | "close" | "half-close" | "freeze";
  /** The direction whose bytes are counted: to the server, or to the client. */
  readonly direction: "up" | "down";
  /** Bytes that are forwarded in it before. */
  readonly after: number;
}

/** How a proxy treats its connections. */
export interface FlakyProxyOptions {
  /** Where it connects to. */
  readonly target: () => Address;
  /** One for each connection, in order; those that follow are forwarded faithfully. */
  readonly faults?: readonly (Fault | undefined)[];
  /** Milliseconds that each piece is held back. */
  readonly delayMs?: number;
}

/** A TCP proxy that breaks connections in chosen ways; `await using` ends it. */
export class FlakyProxy implements AsyncDisposable {
  /** Connections accepted so far. */
  connections = 0;
  /** Faults that have happened. */
  faults = 0;
  readonly #options: FlakyProxyOptions;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #timers: Set<ReturnType<typeof setTimeout>> = new Set();

  /** Not listening yet; see {@linkcode FlakyProxy.start}. */
  constructor(options: FlakyProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  /** Starts one on a port of its own. */
  static async start(options: FlakyProxyOptions): Promise<FlakyProxy> {
    const proxy = new FlakyProxy(options);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, "127.0.0.1", resolve);
    });
    return proxy;
  }

  /** Where it listens. */
  get address(): Address {
    const { port } = this.#server.address() as { port: number };
    return { host: "127.0.0.1", port };
  }

  #accept(client: Socket): void {
    const fault = this.#options.faults?.[this.connections++];
    const { host, port } = this.#options.target();
    const server = connect({ host, port, allowHalfOpen: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        (socket === client ? server : client).destroy();
      });
    }
    this.#forward(
      client,
      server,
      fault?.direction === "up" ? fault : undefined,
    );
    this.#forward(
      server,
      client,
      fault?.direction === "down" ? fault : undefined,
    );
  }

  #forward(from: Socket, to: Socket, fault: Fault | undefined): void {
    let left = fault?.after ?? Infinity;
    from.on("data", async (chunk: Uint8Array) => {
      from.pause();
      await this.#delay();
      const part = chunk.subarray(0, left);
      left -= part.length;
      await new Promise<void>((resolve) => to.write(part, () => resolve()));
      if (left > 0) from.resume();
      else this.#fail(fault!.kind, from, to);
    });
    from.on("end", async () => {
      await this.#delay();
      to.end();
    });
  }

  #fail(kind: Fault["kind"], from: Socket, to: Socket): void {
    this.faults++;
    if (kind === "half-close") to.end();
    if (kind === "close") { for (const socket of [from, to]) socket.destroy(); }
    if (kind === "reset") {
      for (const socket of [from, to]) socket.resetAndDestroy();
    }
  }

  async #delay(): Promise<void> {
    const { delayMs } = this.#options;
    if (delayMs === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, delayMs);
      this.#timers.add(timer);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
