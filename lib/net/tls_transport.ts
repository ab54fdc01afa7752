import type { Transport } from "./socket_connection.ts";
import type { TlsEngine } from "./tls_engine.ts";

/**
 * Bytes of a write at most: three TLS records (RFC 8446 §5.1), which the engine encrypts at once. They are
 * also what a peer that reads nothing makes the server hold, in addition to the kernel's buffer.
 */
const WRITE_BYTES = 48 * 1024;

/** Bytes of the first reads: a ClientHello fits, and a connection that only watches holds no more. */
const FIRST_READ_BYTES = 2048;

/** Bytes of later reads, which carry media. */
const READ_BYTES = 64 * 1024;

const NOTHING = new Uint8Array();

/** The engine would call it back when it has sent; here it is the connection that tells. */
const REQUEST = {};

/**
 * The server's side of TLS over a TCP connection: the engine encrypts, the connection carries. That takes
 * about a third more processor time than `Deno.listenTls`.
 */
export class TlsTransport implements Transport {
  readonly #conn: Deno.TcpConn;
  readonly #engine: TlsEngine;
  #begin: Uint8Array | undefined;
  /** Where encrypted bytes are read into, again and again; the engine keeps none of it. */
  #buffer = new Uint8Array(FIRST_READ_BYTES);
  /** Decrypted bytes that were not read yet, at most those of one read from the connection. */
  readonly #decrypted: Uint8Array[] = [];
  #secure = false;
  /** Whether the peer ended TLS in order. */
  #ended = false;
  #error: Error | undefined;
  /** Resolves once the bytes that are being sent are; absent when there are none. */
  #sent: PromiseWithResolvers<void> | undefined;

  /**
   * Begins the handshake.
   *
   * @param conn Owned from now on.
   * @param engine Not started yet; owned from now on.
   * @param begin Bytes of the peer that were read before.
   */
  constructor(conn: Deno.TcpConn, engine: TlsEngine, begin?: Uint8Array) {
    this.#conn = conn;
    this.#engine = engine;
    this.#begin = begin;
    engine.onhandshakedone = (): void => {
      this.#secure = true;
    };
    engine.onerror = (error): void => {
      this.#error ??= error;
    };
    engine.setOnread((bytes) => {
      if (bytes) this.#decrypted.push(new Uint8Array(bytes));
      else this.#ended = true;
    });
    engine.start();
  }

  /** Resolves once the handshake is finished; rejects when it fails or the connection is closed. */
  async handshake(): Promise<void> {
    const begin = this.#begin;
    this.#begin = undefined;
    if (begin?.length) await this.#decrypt(begin);
    while (!this.#secure) {
      if (await this.#receive()) continue;
      throw new Deno.errors.UnexpectedEof("the peer closed the connection");
    }
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#decrypted.length === 0) {
      if (this.#ended) return null;
      if (await this.#receive()) continue;
      // Without the end of TLS it may be an attacker who ended the connection (RFC 8446 §6.1).
      throw new Deno.errors.UnexpectedEof("the peer did not end TLS");
    }
    const bytes = this.#decrypted[0]!;
    const count = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, count));
    if (count === bytes.length) this.#decrypted.shift();
    else this.#decrypted[0] = bytes.subarray(count);
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    const piece = bytes.subarray(0, WRITE_BYTES);
    if (this.#engine.writeBuffer(REQUEST, piece) === 0) {
      return this.#send(piece.length);
    }
    const ended = new Deno.errors.BrokenPipe("the TLS connection has ended");
    return Promise.reject(ended);
  }

  async closeWrite(): Promise<void> {
    this.#engine.shutdown(REQUEST);
    await this.#send(0);
    await this.#conn.closeWrite();
  }

  close(): void {
    this.#engine.destroySsl();
    this.#conn.close();
  }

  /** Takes what comes next on the connection; `false` at its end. */
  async #receive(): Promise<boolean> {
    const buffer = this.#buffer;
    const count = await this.#conn.read(buffer);
    if (count === null) return false;
    await this.#decrypt(buffer.subarray(0, count));
    if (count === buffer.length && count < READ_BYTES) {
      this.#buffer = new Uint8Array(READ_BYTES);
    }
    return true;
  }

  async #decrypt(bytes: Uint8Array): Promise<void> {
    this.#engine.readBuffer(bytes);
    if (this.#error) throw this.#error;
    await this.#send(0); // The handshake has answers; later only a change of keys has one.
  }

  /**
   * Sends what the engine has ready. One at a time, for the order of the bytes; it makes no more promises
   * than that takes, because every write of every watcher comes here.
   *
   * @param count Bytes that were written to the engine; it may not have encrypted them all at once.
   * @returns The count.
   */
  async #send(count: number): Promise<number> {
    while (this.#sent) await this.#sent.promise;
    const sent = this.#sent = Promise.withResolvers<void>();
    try {
      for (let encrypted = 0;;) {
        const bytes = this.#engine.drainEncOut();
        for (let at = 0; at < bytes.length;) {
          at += await this.#conn.write(at === 0 ? bytes : bytes.subarray(at));
        }
        encrypted += bytes.length;
        // Freed at once: left to the garbage collector it would take twice the processor time and memory.
        if (bytes.length > 0) bytes.buffer.transfer(0);
        // Encryption makes it longer.
        if (encrypted >= count || bytes.length === 0) return count;
        this.#engine.readBuffer(NOTHING);
      }
    } finally {
      this.#sent = undefined;
      sent.resolve();
    }
  }
}
