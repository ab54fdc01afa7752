import type { TlsIdentity } from "../net/tls_files.ts";
import { type Address, formatAddress } from "../net/address.ts";

/** Milliseconds between two tries to have the port back. */
const REBIND_MS = 10;

/** Tries: three seconds, a hundred times what it takes to have it back from oneself. */
const REBIND_TRIES = 300;

/**
 * Milliseconds before a server that failed is begun again, in which those that it let go give back their
 * file descriptors: the next one would only fail as soon.
 */
const REVIVE_MS = 100;

/** What a listener does with requests, and whom it tells. */
export interface WebListenerOptions {
  /** Answers a request. */
  readonly handler: Deno.ServeHandler<Deno.Addr>;
  /** With it HTTPS (HTTP/1.1 and HTTP/2) is spoken, without it HTTP. */
  readonly identity?: TlsIdentity;
  /** Told why nobody could be accepted for a moment. */
  readonly failed: (error: unknown) => void;
}

/**
 * Listens at one address with the runtime's HTTP server. That server can do one thing about connections
 * that it has: end. So it is ended, and another one listens in its place, whenever a certificate or a
 * connection has to go, and when it failed for want of file descriptors. Answers under way go on to
 * their end; WebSockets are closed, and so is whoever has not sent a whole request.
 */
export class WebListener {
  /** Where it listens, with the port that the system chose. */
  readonly address: Address;
  readonly #options: WebListenerOptions;
  /** What cuts the connections of each server, until its last answer is over. */
  readonly #cuts: Map<Deno.HttpServer, AbortController> = new Map();
  /** Servers that listen no more, until their last answer is over. */
  readonly #retired: Set<Promise<void>> = new Set();
  #identity: TlsIdentity | undefined;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #rebinding: Promise<void> = Promise.resolve();
  #isRetired = false;
  #closed = false;

  /**
   * Listens.
   *
   * @param address Where; port 0 lets the system choose.
   * @param options What it does.
   * @throws {Deno.errors.AddrInUse} and the like when it cannot be had, with the address in its words.
   */
  constructor(address: Address, options: WebListenerOptions) {
    this.#options = options;
    this.#identity = options.identity;
    this.#server = this.#serve(address);
    const { hostname, port } = this.#server.addr;
    this.address = { host: hostname, port };
  }

  /**
   * Begins anew, with another certificate if there is one.
   *
   * @param identity What is shown from now on; without it what was shown before.
   * @throws {Deno.errors.AddrInUse} When somebody else has taken the port meanwhile.
   */
  renew(identity?: TlsIdentity): Promise<void> {
    if (identity) this.#identity = identity;
    const renewed = this.#rebinding.then(() => this.#rebind());
    this.#rebinding = renewed.catch((error) => this.#revive(error));
    return renewed;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const cut of this.#cuts.values()) cut.abort();
  }

  /** Listens no more; resolves when the last answer is over. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#rebinding;
    this.#retire();
    await Promise.all(this.#retired);
  }

  async #rebind(): Promise<void> {
    this.#retire();
    for (let tries = 1; !this.#closed; tries++) {
      try {
        this.#server = this.#serve(this.address);
        this.#isRetired = false;
        return;
      } catch (error) {
        const inUse = error instanceof Deno.errors.AddrInUse;
        if (!inUse || tries >= REBIND_TRIES) throw error;
      }
      await delay(REBIND_MS);
    }
  }

  /** The runtime accepts no more after the first failure, whatever it was. */
  #died(server: Deno.HttpServer, error: unknown): void {
    this.#rebinding = this.#rebinding.then(() =>
      // Another may stand in its place already.
      server === this.#server && !this.#isRetired
        ? this.#revive(error)
        : undefined
    );
  }

  /** Tries until it listens again. */
  async #revive(error: unknown): Promise<void> {
    while (!this.#closed) {
      this.#options.failed(error);
      this.#retire();
      await delay(REVIVE_MS);
      try {
        return await this.#rebind();
      } catch (again) {
        error = again;
      }
    }
  }

  #retire(): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    const over = this.#server.shutdown().finally(() =>
      this.#retired.delete(over)
    );
    this.#retired.add(over);
  }

  #serve({ host, port }: Address): Deno.HttpServer<Deno.NetAddr> {
    const hostname = host === "" ? "::" : host;
    const cut = new AbortController();
    const onListen = (): void => {};
    try {
      const server = Deno.serve(
        { hostname, port, signal: cut.signal, onListen, ...this.#identity },
        this.#options.handler,
      ) as Deno.HttpServer<Deno.NetAddr>;
      this.#cuts.set(server, cut);
      server.finished.catch((error) => this.#died(server, error))
        .finally(() => this.#cuts.delete(server));
      return server;
    } catch (error) {
      if (error instanceof Error) {
        const where = formatAddress({ host, port });
        error.message = `Cannot listen at ${where}: ${error.message}`;
      }
      throw error;
    }
  }
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
