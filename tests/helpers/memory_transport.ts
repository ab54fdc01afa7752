import type { Transport } from "../../lib/net/socket_connection.ts";

/** Bytes that a direction holds before a write waits, as much as a socket's buffers do. */
const BUFFER_BYTES = 256 * 1024;

/** Bytes on their way in one direction. */
class Direction {
  readonly #parts: Uint8Array[] = [];
  #held = 0;
  #ended = false;
  #readError: Error | undefined;
  #writeError: Error | undefined;
  #wakes: (() => void)[] = [];

  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const part = this.#parts[0];
      if (part) return this.#take(part, buffer);
      if (this.#readError) throw this.#readError;
      if (this.#ended) return null;
      await this.#change();
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      if (this.#writeError) throw this.#writeError;
      if (this.#ended) throw new Deno.errors.BrokenPipe("broken pipe");
      const room = BUFFER_BYTES - this.#held;
      if (room > 0) {
        const part = bytes.slice(0, room);
        if (part.length > 0) this.#parts.push(part);
        this.#held += part.length;
        this.#wake();
        return part.length;
      }
      await this.#change();
    }
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  fail(readError: Error, writeError: Error): void {
    this.#readError ??= readError;
    this.#writeError ??= writeError;
    this.#wake();
  }

  #take(part: Uint8Array, buffer: Uint8Array): number {
    const count = Math.min(part.length, buffer.length);
    buffer.set(part.subarray(0, count));
    if (count < part.length) this.#parts[0] = part.subarray(count);
    else this.#parts.shift();
    this.#held -= count;
    this.#wake();
    return count;
  }

  #change(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wakes.push(resolve);
    return promise;
  }

  #wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}

/** One end of a connection in memory. */
export class MemoryTransport implements Transport {
  readonly #incoming: Direction;
  readonly #outgoing: Direction;

  /** Joins two directions. */
  constructor(incoming: Direction, outgoing: Direction) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  /** Makes both ends of a connection. */
  static pair(): [MemoryTransport, MemoryTransport] {
    const [one, other] = [new Direction(), new Direction()];
    return [new MemoryTransport(one, other), new MemoryTransport(other, one)];
  }

  read(buffer: Uint8Array): Promise<number | null> {
    return this.#incoming.read(buffer);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#outgoing.write(bytes);
  }

  closeWrite(): Promise<void> {
    this.#outgoing.end();
    return Promise.resolve();
  }

  /** Ends both directions; what was written can still be read, and what is in progress here rejects. */
  close(): void {
    this.#outgoing.end();
    this.#incoming.fail(
      new Deno.errors.BadResource("closed"),
      new Deno.errors.BrokenPipe("broken pipe"),
    );
  }

  /** Breaks the connection: the other end's reads and writes fail. */
  reset(): void {
    const error = new Deno.errors.ConnectionReset("reset");
    for (const each of [this.#outgoing, this.#incoming]) {
      each.fail(error, error);
    }
  }
}
