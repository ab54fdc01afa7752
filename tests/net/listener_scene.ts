import { Ticker } from "../../lib/clock/ticker.ts";
import type { Address } from "../../lib/net/address.ts";
import { type Connection, writeAll } from "../../lib/net/connection.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { Listener, type ListenerOptions } from "../../lib/net/listener.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { EventLog } from "../helpers/start_server.ts";

/** Where the scenes listen. */
export const LOOPBACK: readonly Address[] = [{ host: "127.0.0.1", port: 0 }];

/** Sends back what comes, and closes in order behind it. */
export async function echo(connection: Connection): Promise<void> {
  for await (const chunk of connection.readable) {
    await writeAll(connection, chunk);
  }
  await connection.finish();
}

/** A listener with what it needs; `await using` stops it. */
export class ListenerScene implements AsyncDisposable {
  /** What it logged. */
  readonly log: EventLog = new EventLog();
  /** Counts its connections. */
  readonly limits: ConnectionLimits;
  /** Its clock. */
  readonly ticker: Ticker = new Ticker(() => performance.now());
  #listener: Listener | undefined;

  /** @param limits Counts its connections. */
  constructor(limits: ConnectionLimits) {
    this.limits = limits;
  }

  /** Starts one that echoes unless the options say otherwise. */
  static async start(
    options: Partial<ListenerOptions> = {},
  ): Promise<ListenerScene> {
    const limits = options.limits ??
      new ConnectionLimits({ total: 1000, perNetwork: 1000 });
    const scene = new ListenerScene(limits);
    scene.#listener = await Listener.listen({
      addresses: LOOPBACK,
      limits,
      trusts: () => false,
      ticker: scene.ticker,
      stallMs: 10_000,
      requestMs: 10_000,
      logger: scene.log,
      serve: echo,
      ...options,
    });
    return scene;
  }

  /** The listener. */
  get listener(): Listener {
    return this.#listener!;
  }

  /** Connects without TLS, and sends what is given. */
  connect(...first: readonly Uint8Array[]): Promise<RawPeer> {
    return RawPeer.connect(this.listener.addresses[0]!, ...first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.close(0);
    this.ticker.close();
  }
}
