/** Where a server listens, as the library says it. */
export interface NatsServer {
  /** A name or an address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** The name in the server's certificate; empty for its hostname. */
  readonly tlsName: string;
}

/** How it is reached, as the library says it. */
export interface NatsTls {
  /** Present for TLS, with an authority that is trusted too, in PEM. */
  readonly tls?: { readonly ca?: string } | null;
}

/** Bytes that are read at once at most. */
const READ_BYTES = 64 * 1024;

/** Bytes that a read must have room for; with less, a new buffer is made. */
const LEAST_READ_BYTES = 8 * 1024;

/** What a server says first. */
const INFO = "INFO ";

/** Bytes of the first line of a server, at most; it lists the servers of its cluster. */
const MAX_INFO_BYTES = 256 * 1024;

/** Bytes that may wait to be written before the server counts as gone. */
const MAX_UNWRITTEN_BYTES = 64 * 1024 * 1024;

/** A connection to a NATS server, over TCP or TLS, as the library wants it: a `Transport`. */
export class NatsTransport {
  /** What the server is told of the client. */
  readonly lang: string = "fstream";
  /** What the server is told of the client's version. */
  readonly version: string = "1";
  /** What broke it. */
  closeError?: Error;
  #conn: Deno.TcpConn | Deno.TlsConn | undefined;
  #isEncrypted = false;
  #isClosed = false;
  readonly #closed = Promise.withResolvers<void | Error>();
  /** What was read before the library reads by itself. */
  #begin: Uint8Array = new Uint8Array();
  readonly #unwritten: Uint8Array[] = [];
  #unwrittenBytes = 0;
  #isWriting = false;
  /** Called when bytes were written, and when it is closed. */
  onWritten: () => void = () => {};

  /** Whether it was closed, here or by the server. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that wait to be written. */
  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** Connects; a server that asks for TLS does so in its first line. */
  async connect(
    { hostname, port, tlsName }: NatsServer,
    { tls }: NatsTls,
  ): Promise<void> {
    const conn = await Deno.connect({ hostname, port });
    if (this.#isClosed) return conn.close();
    conn.setNoDelay(true);
    this.#conn = conn;
    try {
      const info = await this.#readInfo(conn);
      this.#begin = info;
      const text = new TextDecoder().decode(info);
      if (!tls && !/"tls_required":\s*true/.test(text)) return;
      if (!/"tls_(?:required|available)":\s*true/.test(text)) {
        throw new Error("it offers no TLS");
      }
      this.#conn = await Deno.startTls(conn, {
        hostname: tlsName || hostname,
        ...(tls?.ca ? { caCerts: [tls.ca] } : {}),
      });
      this.#isEncrypted = true;
      // Here, so that it is known why it failed.
      await this.#conn.handshake();
    } catch (error) {
      this.#close(error);
      throw error;
    }
  }

  /** Whether it is encrypted. */
  isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  /** What the server sends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#begin.length > 0) yield this.#begin;
    let buffer = new Uint8Array(READ_BYTES);
    try {
      for (;;) {
        // Never overwritten: a message may be looked at later.
        if (buffer.length < LEAST_READ_BYTES) {
          buffer = new Uint8Array(READ_BYTES);
        }
        const count = await this.#conn!.read(buffer);
        if (count === null) break;
        yield buffer.subarray(0, count);
        buffer = buffer.subarray(count);
      }
      this.#close(undefined);
    } catch (error) {
      this.#close(error);
    }
  }

  /** Sends bytes, which are not modified afterwards. */
  send(frame: Uint8Array): void {
    if (this.#isClosed) return;
    this.#unwritten.push(frame);
    this.#unwrittenBytes += frame.length;
    if (this.#unwrittenBytes > MAX_UNWRITTEN_BYTES) {
      return this.#close(new Error("it accepts nothing"));
    }
    if (!this.#isWriting) this.#writeAll();
  }

  /** Closes it. */
  close(error?: Error): Promise<void> {
    this.#close(error);
    return Promise.resolve();
  }

  /** Closes it, to connect again. */
  disconnect(): void {
    this.#close(undefined);
  }

  /** Closes it; it has been replaced. */
  discard(): void {
    this.#close(undefined);
  }

  /** Settles once it is closed, with what broke it. */
  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  async #readInfo(conn: Deno.TcpConn): Promise<Uint8Array> {
    let info = new Uint8Array();
    const buffer = new Uint8Array(READ_BYTES);
    while (!info.includes(10)) {
      const count = await conn.read(buffer);
      if (count === null) throw new Error("it closed the connection");
      const more = new Uint8Array(info.length + count);
      more.set(info);
      more.set(buffer.subarray(0, count), info.length);
      info = more;
      const begin = new TextDecoder().decode(info.subarray(0, INFO.length));
      if (!INFO.startsWith(begin) || info.length > MAX_INFO_BYTES) {
        throw new Error("it is no NATS server");
      }
    }
    return info;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#unwritten.length > 0 && !this.#isClosed) {
        const [first] = this.#unwritten;
        const count = await this.#conn!.write(first!);
        this.#unwrittenBytes -= count;
        if (count < first!.length) this.#unwritten[0] = first!.subarray(count);
        else this.#unwritten.shift();
        this.onWritten();
      }
    } catch (error) {
      this.#close(error);
    }
    this.#isWriting = false;
  }

  #close(error: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error instanceof Error) this.closeError = error;
    try {
      this.#conn?.close();
    } catch {
      // TLS that has not been started yet has taken the connection.
    }
    this.#unwritten.length = this.#unwrittenBytes = 0;
    this.#closed.resolve(this.closeError);
    this.onWritten();
  }
}
