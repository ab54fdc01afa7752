import { type Address, remoteAddress } from "./address.ts";
import type { Introduction } from "./introduction.ts";
import type { Peer } from "./peer.ts";

/**
 * Bytes of the first reads: a request fits, and a connection that only watches holds no more than
 * this for the rest of its life.
 */
const FIRST_READ_BYTES = 512;

/** Bytes of later reads, which carry media. */
const READ_BYTES = 64 * 1024;

/** Milliseconds that a peer has to close its side after we closed ours. */
const LINGER_MS = 1000;

/** Where bytes go that nobody wants; shared, since nobody reads it. */
const DISCARD = new Uint8Array(16 * 1024);

/** A TCP connection, with TLS or without, as a {@linkcode Peer}. */
export class TcpPeer implements Peer {
  readonly remote: Address;
  readonly readable: ReadableStream<Uint8Array>;
  readonly gone: Promise<"closed" | "reset">;
  readonly #conn: Deno.Conn;
  /** What was read before this took the connection over. */
  #begin: Uint8Array | undefined;
  readonly #settleGone: (how: "closed" | "reset") => void;
  #readBytes = FIRST_READ_BYTES;
  #buffer: Uint8Array | undefined;
  // A read may be under way for hours. It holds this object and nothing else: what waits for it stands
  // here and is let go when the rest is thrown away, and with it the streams of a session's beginning.
  #pulled: Pulled | undefined;
  #discards = false;
  #closed = false;

  /**
   * Takes a connection over.
   *
   * @param conn The accepted connection, which is owned from now on.
   * @param introduction What a trusted proxy said in front of it.
   */
  constructor(
    conn: Deno.TcpConn | Deno.TlsConn,
    introduction?: Introduction,
  ) {
    this.#conn = conn;
    this.remote = introduction?.source ?? remoteAddress(conn.remoteAddr);
    if (introduction?.rest.length) this.#begin = introduction.rest;
    // Media is sent as it comes; waiting to fill a packet would only add delay. With TLS the runtime
    // leaves no choice.
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    const { promise, resolve } = Promise.withResolvers<"closed" | "reset">();
    this.gone = promise;
    this.#settleGone = resolve;
    this.readable = new ReadableStream({
      pull: (controller): Promise<void> | void => this.#pull(controller),
      cancel: (): void => this.#discard(),
    }, { highWaterMark: 0 });
  }

  /** Writes some of the bytes. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** Closes in order. */
  async finish(): Promise<void> {
    if (this.#closed) return;
    this.#discard();
    try {
      await this.#conn.closeWrite();
    } catch {
      return this.close(); // The peer was quicker.
    }
    // Closing with unread bytes would reset the connection and take from the peer what is on its way.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const lingered = new Promise<void>((resolve) =>
      timer = setTimeout(resolve, LINGER_MS)
    );
    await Promise.race([this.gone, lingered]);
    clearTimeout(timer);
    this.close();
  }

  /** Closes at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  #pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> | void {
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
    this.#conn.read(buffer).then(this.#arrived, this.#broke);
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

  /** Throws away what still comes; a read that is under way goes on with that. */
  #discard(): void {
    if (this.#discards) return;
    this.#discards = true;
    const pulled = this.#pulled;
    this.#pulled = undefined;
    if (pulled) pulled.resolve();
    else this.#read(DISCARD);
  }
}

/** What waits for a read. */
interface Pulled {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly resolve: () => void;
}
