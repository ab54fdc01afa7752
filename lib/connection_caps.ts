/** Counts connections, in all and from each address. */
export class ConnectionCaps {
  readonly #most: number;
  readonly #mostPerAddress: number;
  readonly #counts: Map<string, number> = new Map();
  #total = 0;

  /**
   * Makes counters at 0.
   *
   * @param most Connections in all.
   * @param mostPerAddress Connections from one address.
   */
  constructor(most: number, mostPerAddress: number) {
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
  }
}
