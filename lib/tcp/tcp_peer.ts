import type { Address } from "../values.ts";
import type { Peer } from "./peer.ts";

/**
 * Bytes of the first reads: a request fits, and a connection that only watches holds no more than
 * this for the rest of its life.
 */
const FIRST_READ_BYTES = 1024;

/** Bytes of later reads, which carry media. */
const READ_BYTES = 64 * 1024;

/** Milliseconds that a peer has to close its side after we closed ours. */
const LINGER_MS = 1000;

/** Where bytes go that nobody wants; shared, since nobody reads it. */
const DISCARD = new Uint8Array(16 * 1024);

/** A TCP connection as a {@linkcode Peer}. */
export class TcpPeer implements Peer {
  readonly remote: Address;
  readonly readable: ReadableStream<Uint8Array>;
  readonly gone: Promise<"closed" | "reset">;
  readonly #conn: Deno.Conn;
  readonly #settleGone: (how: "closed" | "reset") => void;
  #readBytes = FIRST_READ_BYTES;
  #closed = false;

  /**
   * Takes a connection over.
   *
   * @param conn The accepted connection, which is owned from now on.
   */
  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.remote = remoteAddress(conn.remoteAddr);
    // Media is sent as it comes; waiting to fill a packet would only add delay.
    conn.setNoDelay(true);
    const { promise, resolve } = Promise.withResolvers<"closed" | "reset">();
    this.gone = promise;
    this.#settleGone = resolve;
    this.readable = new ReadableStream({
      pull: (controller): Promise<void> => this.#pull(controller),
      cancel: (): void => void this.#discard(),
    }, { highWaterMark: 0 });
  }

  /** Writes some of the bytes. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** Closes in order. */
  async finish(): Promise<void> {
    if (this.#closed) return;
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

  async #pull(
    controller: ReadableStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    const buffer = new Uint8Array(this.#readBytes);
    // A read that is under way when `readable` is cancelled learns of the end before `#discard` does.
    const count = await this.#read(buffer);
    if (count === null) return controller.close();
    if (count === buffer.length) this.#readBytes = READ_BYTES;
    controller.enqueue(buffer.subarray(0, count));
  }

  async #discard(): Promise<void> {
    try {
      while (await this.#read(DISCARD) !== null);
    } catch {
      // `gone` tells of it.
    }
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    try {
      const count = await this.#conn.read(buffer);
      if (count === null) this.#settleGone("closed");
      return count;
    } catch (error) {
      this.#settleGone("reset");
      throw error;
    }
  }
}

/** IPv4 peers of an IPv6 socket are named by their IPv4 address. */
function remoteAddress(address: Deno.Addr): Address {
  const { hostname, port } = address as Deno.NetAddr;
  return { host: hostname.replace(/^::ffff:(?=\d+\.)/i, ""), port };
}
