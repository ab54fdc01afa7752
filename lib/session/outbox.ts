import type { Tickable, Ticker } from "../clock/ticker.ts";
import { type Connection, writeAll } from "../net/connection.ts";

/**
 * Writes small messages to a peer one after another. The newest one waits while another is written, and
 * replaces the one that waited before it, so a peer that does not read holds two at most.
 */
export class Outbox {
  readonly #connection: Connection;
  #writing: Promise<void> | undefined;
  #next: Uint8Array | undefined;

  /**
   * Writes to one peer.
   *
   * @param connection Nothing else may be written to it meanwhile.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Writes a message as soon as the one before it is written. */
  send(message: Uint8Array): void {
    this.#next = message;
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.#writing === undefined;
  }

  /** Drops what waits, and resolves when nothing is being written. */
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

/** Milliseconds between two reports to a peer. */
export const REPORT_MS = 1000;

/** Sends a message once a second. */
export class Reporter implements Tickable {
  readonly #ticker: Ticker;
  readonly #outbox: Outbox;
  readonly #report: () => Uint8Array;
  #sentAt: number;

  /** Starts at once; the first report follows a second later. */
  constructor(ticker: Ticker, outbox: Outbox, report: () => Uint8Array) {
    this.#ticker = ticker;
    this.#outbox = outbox;
    this.#report = report;
    this.#sentAt = ticker.now;
    ticker.add(this);
  }

  /** Reports when it is time. */
  tick(): void {
    const { now } = this.#ticker;
    if (now - this.#sentAt >= REPORT_MS) this.report();
  }

  /** Reports at once; the next report follows a second later. */
  report(): void {
    this.#sentAt = this.#ticker.now;
    this.#outbox.send(this.#report());
  }

  /** Reports no more. */
  close(): void {
    this.#ticker.delete(this);
  }
}
