import type { Ticker } from "../clock/ticker.ts";
import type { Address } from "./address.ts";
import type { Connection } from "./connection.ts";

/** What carries the bytes of a connection: a `Deno.TcpConn`, or the same over TLS. */
export interface Transport {
  /** Reads some bytes into the buffer; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes, and resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends its own side once everything written is on its way. */
  closeWrite(): Promise<void>;
  /** Closes at once; what is in progress rejects. */
  close(): void;
}

/** What is known of a connection before its first byte. */
export interface ConnectionFacts {
  /** {@linkcode Connection.remote} */
  readonly remote: Address;
  /** {@linkcode Connection.viaProxy} */
  readonly viaProxy: boolean;
  /** {@linkcode Connection.secure} */
  readonly secure: boolean;
  /** {@linkcode Connection.localPort} */
  readonly localPort: number;
  /** Bytes that were read before and belong to the stream. */
  readonly begin?: Uint8Array | undefined;
}

/**
 * Bytes of the first reads: a request fits, and a connection that only watches holds no more than
 * this for the rest of its life.
 */
const FIRST_READ_BYTES = 512;

/** Bytes of later reads, which carry media. */
const READ_BYTES = 64 * 1024;

/** Milliseconds that a peer has to close its side after we closed ours. */
const LINGER_MS = 1000;

/** Where discarded bytes go; shared, because nothing reads it. */
const DISCARD = new Uint8Array(16 * 1024);

/** A {@linkcode Connection} over a {@linkcode Transport}. */
export class SocketConnection implements Connection {
  readonly remote: Address;
  readonly viaProxy: boolean;
  readonly secure: boolean;
  readonly localPort: number;
  readonly readable: ReadableStream<Uint8Array>;
  readonly gone: Promise<"closed" | "reset">;
  readonly #transport: Transport;
  readonly #ticker: Ticker;
  #begin: Uint8Array | undefined;
  readonly #settleGone: (how: "closed" | "reset") => void;
  #readBytes = FIRST_READ_BYTES;
  #buffer: Uint8Array | undefined;
  // A read may last for hours. It holds this object and nothing else: what waits for it is kept here and
  // released when the rest is discarded, and with it the streams of a session's beginning.
  #pulled: Pulled | undefined;
  #discards = false;
  #closed = false;
  #cutReason: string | undefined;
  /** The ticker's time when the write in progress began; -1 when there is none. */
  #writingSince = -1;

  /**
   * Takes a transport over.
   *
   * @param transport Owned from now on.
   * @param facts What is known of it.
   * @param ticker Measures how long writes take.
   */
  constructor(transport: Transport, facts: ConnectionFacts, ticker: Ticker) {
    this.#transport = transport;
    this.#ticker = ticker;
    this.remote = facts.remote;
    this.viaProxy = facts.viaProxy;
    this.secure = facts.secure;
    this.localPort = facts.localPort;
    if (facts.begin?.length) this.#begin = facts.begin;
    const { promise, resolve } = Promise.withResolvers<"closed" | "reset">();
    this.gone = promise;
    this.#settleGone = resolve;
    this.readable = new ReadableStream({
      pull: (controller): Promise<void> | void => this.#pull(controller),
      cancel: (): void => this.#discard(),
    }, { highWaterMark: 0 });
  }

  get cutReason(): string | undefined {
    return this.#cutReason;
  }

  get stalledMs(): number {
    return this.#writingSince < 0 ? 0 : this.#ticker.now - this.#writingSince;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#writingSince = this.#ticker.now;
    return this.#transport.write(bytes).then(this.#wrote, this.#writeFailed);
  }

  async finish(lingerMs: number = LINGER_MS): Promise<void> {
    if (this.#closed) return;
    this.#endReadable();
    try {
      // Over TLS this waits for the peer like a write, and is cut like one.
      this.#writingSince = this.#ticker.now;
      await this.#transport.closeWrite();
    } catch {
      return this.close(); // The peer closed first.
    } finally {
      this.#writingSince = -1;
    }
    // Closing with unread bytes would reset the connection and take from the peer what is on its way.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lingered = new Promise<void>((resolve) =>
      timer = setTimeout(resolve, lingerMs)
    );
    await Promise.race([this.gone, lingered]);
    clearTimeout(timer);
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport.close();
    this.#settleGone("reset"); // Nothing happens when the peer closed first.
  }

  cut(reason: string): void {
    if (this.#closed) return;
    this.#cutReason = reason;
    this.close();
  }

  /**
   * Cuts the connection when the write in progress has taken too long.
   *
   * @param stallMs Milliseconds that a write may take without progress.
   */
  cutIfStalled(stallMs: number): void {
    if (this.#writingSince < 0) return;
    const why = this.#ticker.overrun(
      "took no byte",
      this.#writingSince,
      stallMs,
    );
    if (why) this.cut(why);
  }

  // Bound once, so that a write allocates no closure.
  readonly #wrote = (count: number): number => {
    this.#writingSince = -1;
    return count;
  };

  readonly #writeFailed = (error: unknown): never => {
    this.#writingSince = -1;
    if (this.#cutReason === undefined) throw error;
    throw new Error(this.#cutReason, { cause: error });
  };

  #pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> | void {
    if (this.#discards) return controller.close();
    const begin = this.#begin;
    this.#begin = undefined;
    if (begin) return controller.enqueue(begin);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pulled = { controller, resolve };
    this.#read(new Uint8Array(this.#readBytes));
    return promise;
  }

  #read(buffer: Uint8Array): void {
    this.#buffer = buffer;
    this.#transport.read(buffer).then(this.#arrived, this.#broke);
  }

  readonly #arrived = (count: number | null): void => {
    if (count === null) this.#settleGone("closed");
    if (this.#discards) {
      if (count !== null) this.#read(DISCARD);
      return;
    }
    const { controller, resolve } = this.#pulled!;
    if (count === null) controller.close();
    else {
      const buffer = this.#buffer!;
      if (count === buffer.length) this.#readBytes = READ_BYTES;
      controller.enqueue(buffer.subarray(0, count));
    }
    this.#pulled = undefined;
    resolve();
  };

  readonly #broke = (error: unknown): void => {
    this.#settleGone("reset");
    this.#pulled?.controller.error(error);
    this.#pulled = undefined;
  };

  /** Discards what still comes, from a read in progress as well. */
  #discard(): void {
    if (this.#discards) return;
    this.#discards = true;
    this.#begin = undefined;
    const pulled = this.#pulled;
    this.#pulled = undefined;
    if (pulled) pulled.resolve();
    else this.#read(DISCARD);
  }

  /** Discards what still comes, and lets a reader that waits for it see the end. */
  #endReadable(): void {
    const controller = this.#pulled?.controller;
    this.#discard();
    controller?.close();
  }
}

/** What waits for a read. */
interface Pulled {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly resolve: () => void;
}
