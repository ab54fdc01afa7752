import { type Connection, writeAll } from "../net/connection.ts";

/** Writes small messages one after another; the newest waits, and replaces the one that waited before it. */
export class Outbox {
  readonly #connection: Connection;
  #writing: Promise<void> | undefined;
  #next: Uint8Array | undefined;

  /** Writes to a connection that nothing else is written to meanwhile. */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Writes a message once those in progress are written. */
  send(message: Uint8Array): void {
    this.#next = message;
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  /** Drops the message that waits; resolves when nothing is being written. */
  async idle(): Promise<void> {
    this.#next = undefined;
    await this.#writing;
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#next) {
        const message = this.#next;
        this.#next = undefined;
        await writeAll(this.#connection, message);
      }
    } catch {
      // Reading finds that the connection is gone.
    }
  }
}
