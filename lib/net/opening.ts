import type { Ticker } from "../clock/ticker.ts";
import { messageOf } from "../errors.ts";
import type { Address } from "./address.ts";
import { readProxied } from "./proxied.ts";
import type { Transport } from "./socket_connection.ts";
import { secure, type TlsContext } from "./tls_context.ts";

/** What comes first on a connection. */
export interface OpeningOptions {
  /** Whether the peer is a trusted proxy, which may send a PROXY header. */
  readonly trusted: boolean;
  /** The certificate for TLS, behind that header; absent on a port without TLS. */
  readonly tls: TlsContext | undefined;
}

/** A connection that is ready to be served. */
export interface Opened {
  /** Carries its bytes. */
  readonly transport: Transport;
  /** The client that a PROXY header names. */
  readonly source: Address | undefined;
  /** Whether there was no header, although the peer is a trusted proxy. */
  readonly viaProxy: boolean;
  /** Bytes that were read already. */
  readonly begin: Uint8Array | undefined;
}

/** A connection that is not ready to be served yet: its PROXY header or its TLS handshake is missing. */
export class Opening {
  readonly #conn: Deno.TcpConn;
  readonly #ticker: Ticker;
  readonly #since: number;
  #transport: Transport;
  #missing = "sent no PROXY header";
  #closedWhy: string | undefined;

  /**
   * Takes a connection over.
   *
   * @param conn Owned until it is open.
   * @param ticker Measures how long it takes.
   */
  constructor(conn: Deno.TcpConn, ticker: Ticker) {
    this.#ticker = ticker;
    this.#since = ticker.now;
    this.#conn = this.#transport = conn;
  }

  /**
   * Reads what comes first.
   *
   * @returns The reason, when the peer sent something else or was too slow; it is closed then.
   */
  async open({ trusted, tls }: OpeningOptions): Promise<Opened | string> {
    try {
      const proxied = trusted ? await readProxied(this.#conn) : undefined;
      if (this.#closedWhy !== undefined) return this.#closedWhy;
      if (tls) await this.#secure(tls, proxied?.rest);
      if (this.#closedWhy !== undefined) return this.#closedWhy;
      return {
        transport: this.#transport,
        source: proxied?.source,
        viaProxy: proxied?.hasHeader === false,
        begin: tls ? undefined : proxied?.rest,
      };
    } catch (error) {
      const reason = this.#closedWhy ?? messageOf(error);
      this.close(reason);
      return reason;
    }
  }

  /** Closes it. */
  close(why: string): void {
    if (this.#closedWhy !== undefined) return;
    this.#closedWhy = why;
    this.#transport.close();
  }

  /**
   * Closes it when it has taken too long.
   *
   * @param requestMs Milliseconds that it may take.
   */
  closeIfLate(requestMs: number): void {
    const why = this.#ticker.overrun(this.#missing, this.#since, requestMs);
    if (why) this.close(why);
  }

  async #secure(
    tls: TlsContext,
    begin: Uint8Array | undefined,
  ): Promise<void> {
    const transport = secure(this.#conn, tls, begin);
    this.#transport = transport;
    this.#missing = "finished no TLS handshake";
    try {
      await transport.handshake();
    } catch (cause) {
      const problem = `the TLS handshake failed: ${messageOf(cause)}`;
      throw new Error(problem, { cause });
    }
  }
}
