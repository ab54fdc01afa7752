import type { Duplex } from "node:stream";
import type { SecureContext, TLSSocket } from "node:tls";
import type { Transport } from "./socket_connection.ts";

/**
 * Bytes of a write at most: four TLS records (RFC 8446 §5.1). They are encrypted at once, so this is also
 * what a peer that reads nothing makes the server hold, in addition to the kernel's buffer.
 */
const TLS_WRITE_BYTES = 64 * 1024;

/** Bytes of the first reads: a ClientHello fits, and a connection that only watches holds no more. */
const FIRST_READ_BYTES = 2048;

/** Bytes of later reads, which carry media. */
const READ_BYTES = 64 * 1024;

/**
 * Decrypted bytes that may wait to be read before no more are taken from the connection. The engine itself
 * would take all that a peer sends.
 */
const READ_AHEAD_BYTES = 64 * 1024;

/** The certificate, and the application protocols that are offered. */
interface StreamOptions {
  readonly secureContext: SecureContext;
  readonly alpn: readonly string[];
}

/**
 * The server's side of TLS over a TCP connection, by what `node:tls` documents: for a runtime whose engine
 * cannot be used by itself. It takes twice the processor time of {@linkcode TlsTransport} and more.
 */
export class TlsStreamTransport implements Transport {
  readonly #conn: Deno.TcpConn;
  readonly #socket: TLSSocket;
  /** Carries the encrypted bytes between the connection and the TLS engine. */
  readonly #wire: Duplex;
  #begin: Uint8Array | undefined;
  #readBytes = FIRST_READ_BYTES;
  /** Whether the TCP connection has ended, with or without the end of TLS before it. */
  #wireEnded = false;
  /** Whether the peer ended TLS in order, and everything before was read. */
  #ended = false;
  #secure = false;
  #error: Error | undefined;
  /** Whether the engine waits for bytes that are not read from the connection yet. */
  #wireWaits = false;
  /** Called when a read may continue. */
  #wake: (() => void) | undefined;
  /** Rejects the handshake or the write in progress. */
  #failPending: ((error: Error) => void) | undefined;

  /**
   * Begins the handshake.
   *
   * @param conn Owned from now on.
   * @param options What is presented to the peer.
   * @param begin Bytes of the peer that were read before.
   */
  constructor(
    conn: Deno.TcpConn,
    { secureContext, alpn }: StreamOptions,
    begin?: Uint8Array,
  ) {
    const { process } = globalThis;
    const { Duplex } = process.getBuiltinModule("node:stream");
    const { TLSSocket } = process.getBuiltinModule("node:tls");
    this.#conn = conn;
    this.#begin = begin?.length ? begin : undefined;
    this.#wire = new Duplex({
      read: (): void => this.#readWire(),
      write: (bytes, _encoding, done): void => {
        this.#writeWire(bytes).then(() => done(), done);
      },
      final: (done): void => {
        conn.closeWrite().then(() => done(), done);
      },
    });
    this.#wire.on("error", (error) => this.#fail(error));
    const options = {
      ...{ isServer: true, secureContext, ALPNProtocols: [...alpn] },
      // A peer that has sent all it wants to send may still read.
      allowHalfOpen: true,
    };
    this.#socket = new TLSSocket(this.#wire, options);
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("readable", () => this.#wakeUp());
    this.#socket.on("end", () => {
      this.#ended = true;
      this.#wakeUp();
    });
  }

  /** Resolves once the handshake is finished; rejects when it fails or the connection is closed. */
  handshake(): Promise<void> {
    return this.#pending((resolve) =>
      this.#socket.once("secure", () => {
        this.#secure = true;
        resolve();
      })
    );
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#error) throw this.#error;
      const count = this.#take(buffer);
      if (count > 0) return count;
      if (this.#ended || await this.#endsNow()) return null;
      if (this.#error || this.#socket.readableLength > 0) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    const piece = bytes.subarray(0, TLS_WRITE_BYTES);
    return this.#pending((resolve) =>
      this.#socket.write(piece, (error) => {
        if (!error) resolve(piece.length);
        else this.#fail(error);
      })
    );
  }

  closeWrite(): Promise<void> {
    return this.#pending((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#fail(new Deno.errors.BadResource("the connection is closed"));
  }

  /** A promise that is rejected when the connection fails before it is resolved. */
  #pending<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    if (this.#error) return Promise.reject(this.#error);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#failPending = reject;
    begin(resolve);
    return promise;
  }

  /** Moves what has been decrypted into the buffer; 0 when there is nothing. */
  #take(buffer: Uint8Array): number {
    const socket = this.#socket;
    const count = Math.min(socket.readableLength, buffer.length);
    const bytes: Uint8Array | null = socket.read(count);
    if (count === 0 || bytes === null) return 0;
    buffer.set(bytes);
    if (this.#wireWaits) this.#readWire();
    return bytes.length;
  }

  #readWire(): void {
    const begin = this.#begin;
    this.#begin = undefined;
    if (begin) return void this.#wire.push(begin);
    this.#wireWaits = this.#socket.readableLength >= READ_AHEAD_BYTES;
    if (this.#wireWaits) return;
    const buffer = new Uint8Array(this.#readBytes);
    this.#conn.read(buffer).then((count) => {
      if (count === null) return this.#endWire();
      if (count === buffer.length) this.#readBytes = READ_BYTES;
      this.#wire.push(buffer.subarray(0, count));
    }).catch((error) => this.#fail(error));
  }

  async #writeWire(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#conn.write(bytes.subarray(at));
    }
  }

  /**
   * Tells the end of TLS from a TCP connection that ended without it, which may be an attacker's doing
   * (RFC 8446 §6.1): whether everything was read and the end has come.
   *
   * @throws {Deno.errors.UnexpectedEof} When it has not and cannot come any more.
   */
  async #endsNow(): Promise<boolean> {
    if (!this.#wireEnded) return false;
    // The engine tells of its end one turn after it was given the last bytes.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.#ended || this.#error || this.#socket.readableLength > 0) {
      return this.#ended;
    }
    throw new Deno.errors.UnexpectedEof("the peer did not end TLS");
  }

  #endWire(): void {
    this.#wireEnded = true;
    if (this.#secure) this.#wakeUp();
    else {
      this.#fail(
        new Deno.errors.UnexpectedEof("the peer closed the connection"),
      );
    }
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Closes everything; the first error is the one that is told. */
  #fail(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    this.#failPending?.(error);
    this.#wakeUp();
    this.#socket.destroy();
    this.#wire.destroy();
    this.#conn.close();
  }
}
