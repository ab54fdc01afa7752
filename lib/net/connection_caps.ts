import type { ConnectionMemory } from "./connection_limits.ts";

/** Counts connections, in all and from each address. */
export class ConnectionCaps {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #memory: ConnectionMemory | undefined;
  readonly #bytes: number;
  readonly #counts: Map<string, number> = new Map();
  #total = 0;

  /**
   * Makes counters at 0.
   *
   * @param most Connections in all.
   * @param mostPerAddress Connections from one address.
   * @param memory What they hold memory of, if that is bounded.
   * @param bytes Bytes that a connection holds.
   */
  constructor(
    most: number,
    mostPerAddress: number,
    memory?: ConnectionMemory,
    bytes = 0,
  ) {
    this.#memory = memory;
    this.#bytes = bytes;
    this.#most = most;
    this.#mostPerAddress = mostPerAddress;
  }

  /**
   * Counts a connection in.
   *
   * @param host Its address.
   * @returns Why there is no room for it; then it is not counted.
   */
  enter(host: string): string | undefined {
    if (this.#total >= this.#most) {
      return `${this.#most} connections in all are allowed`;
    }
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#mostPerAddress) {
      return `${this.#mostPerAddress} connections from one address are allowed`;
    }
    if (this.#memory && !this.#memory.hasRoom(this.#bytes)) {
      return this.#memory.shortage;
    }
    this.#memory?.change("session", this.#bytes);
    this.#total++;
    this.#counts.set(host, count + 1);
    return undefined;
  }

  /** Counts a connection out. */
  leave(host: string): void {
    const count = this.#counts.get(host) ?? 0;
    if (count <= 1) this.#counts.delete(host);
    else this.#counts.set(host, count - 1);
    this.#total--;
    this.#memory?.change("session", -this.#bytes);
  }
}
