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

/** Bytes of later reads, which carry media: a key frame of 12 Mbit/s and what has come behind it. */
const READ_BYTES = 64 * 1024;

/** Milliseconds that a peer has to close its side after we closed ours. */
const LINGER_MS = 1000;

/** Where discarded bytes go; shared, because nothing reads it. */
const DISCARD = new Uint8Array(16 * 1024);

const EMPTY = new Uint8Array();

/** A {@linkcode Connection} over a {@linkcode Transport}. */
export class SocketConnection implements Connection {
  readonly remote: Address;
  readonly viaProxy: boolean;
  readonly secure: boolean;
  readonly localPort: number;
  readonly gone: Promise<"closed" | "reset">;
  readonly #transport: Transport;
  readonly #ticker: Ticker;
  #begin: Uint8Array | undefined;
  readonly #settleGone: (how: "closed" | "reset") => void;
  /** Where bytes are read into, again and again: a new one for each read would cost more than the read. */
  #buffer: Uint8Array = EMPTY;
  /** Whether a read has filled the buffer, so that a larger one saves reads. */
  #filled = false;
  // A read may last for hours. It holds this object and nothing else: what waits for it is kept here and
  // released when the rest is discarded, and with it what read a session's beginning.
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #discards = false;
  #ended = false;
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
    this.discard();
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

  read(): Promise<Uint8Array | undefined> {
    if (this.#discards || this.#ended) return Promise.resolve(undefined);
    const begin = this.#begin;
    this.#begin = undefined;
    if (begin) return Promise.resolve(begin);
    if (this.#buffer.length === 0) {
      this.#buffer = new Uint8Array(FIRST_READ_BYTES);
    } else if (this.#filled && this.#buffer.length < READ_BYTES) {
      this.#buffer = new Uint8Array(READ_BYTES);
    }
    const waiting = this.#waiting = Promise.withResolvers();
    this.#readInto(this.#buffer);
    return waiting.promise;
  }

  discard(): void {
    if (this.#discards) return;
    this.#discards = true;
    this.#begin = undefined;
    this.#buffer = EMPTY; // A read in progress keeps it.
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting.resolve(undefined);
    else if (!this.#ended) this.#readInto(DISCARD);
  }

  #readInto(buffer: Uint8Array): void {
    this.#transport.read(buffer).then(this.#arrived, this.#broke);
  }

  readonly #arrived = (count: number | null): void => {
    if (count === null) {
      this.#ended = true;
      this.#settleGone("closed");
    }
    if (this.#discards) {
      if (count !== null) this.#readInto(DISCARD);
      return;
    }
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    this.#filled = count === this.#buffer.length;
    waiting.resolve(
      count === null ? undefined : this.#buffer.subarray(0, count),
    );
  };

  readonly #broke = (error: unknown): void => {
    this.#settleGone("reset");
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  };
}
