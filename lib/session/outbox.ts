import type { Tickable, Ticker } from "../clock/ticker.ts";
import { type Connection, writeAll } from "../net/connection.ts";

/**
 * Writes small messages to a peer one after another. While one is written, the newest reply and the newest report
 * wait, and each replaces the one of its kind that waited before it, so a peer that does not read holds three at most.
 */
export class Outbox {
  readonly #connection: Connection;
  #writing: Promise<void> | undefined;
  #reply: Uint8Array | undefined;
  #report: Uint8Array | undefined;

  /**
   * Writes to one peer.
   *
   * @param connection Nothing else may be written to it meanwhile.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Writes a reply to something that the peer sent, before a report that waits. */
  send(reply: Uint8Array): void {
    this.#reply = reply;
    this.#start();
  }

  /** Writes a report, which the next one makes obsolete. */
  report(report: Uint8Array): void {
    this.#report = report;
    this.#start();
  }

  /** Whether nothing is being written. */
  get isIdle(): boolean {
    return this.#writing === undefined;
  }

  /** Drops what waits, and resolves when nothing is being written. */
  async idle(): Promise<void> {
    this.#reply = this.#report = undefined;
    await this.#writing;
  }

  /** Resolves when everything is written. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => this.#writing = undefined);
  }

  async #write(): Promise<void> {
    try {
      for (let next = this.#take(); next; next = this.#take()) {
        await writeAll(this.#connection, next);
      }
    } catch {
      // Reading finds that the connection is gone.
    }
  }

  #take(): Uint8Array | undefined {
    const next = this.#reply ?? this.#report;
    if (this.#reply) this.#reply = undefined;
    else this.#report = undefined;
    return next;
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
    this.#outbox.report(this.#report());
  }

  /** Stops reporting. */
  close(): void {
    this.#ticker.delete(this);
  }
}
