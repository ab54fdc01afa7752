import { networkOf } from "./ip_address.ts";

/** The memory that connections share with everything else. */
export interface ConnectionMemory {
  /** Whether that many more bytes may be held. */
  hasRoom(bytes: number): boolean;
  /** Why there is no room. */
  readonly shortage: string;
  /** Counts bytes that are held from now on, or with a minus sign no longer are. */
  change(kind: "session", bytes: number): void;
}

/** How many connections are allowed. */
export interface ConnectionLimitsOptions {
  /** Connections in all. */
  readonly total: number;
  /** Connections, or requests behind a proxy, from one network ({@linkcode networkOf}). */
  readonly perNetwork: number;
  /** The memory that they hold, where that is limited. */
  readonly memory?: ConnectionMemory;
  /** Bytes of it that a connection holds. Default 0. */
  readonly bytesEach?: number;
  /** Bytes of it that encryption holds in addition. Default 0. */
  readonly bytesOfTls?: number;
}

/** Counts connections, in all and from each network, and says when there are too many. */
export class ConnectionLimits {
  readonly #options: ConnectionLimitsOptions;
  readonly #networks: Map<string, number> = new Map();
  #total = 0;

  /** Makes counters at 0. */
  constructor(options: ConnectionLimitsOptions) {
    this.#options = options;
  }

  /** Networks that have connections at present; of others nothing is kept. */
  get networks(): number {
    return this.#networks.size;
  }

  /** Connections at present. */
  get total(): number {
    return this.#total;
  }

  /**
   * Counts a connection.
   *
   * @param host The peer's, or `undefined` for a proxy's, whose network is counted once it is known.
   * @param secure Whether it is encrypted.
   * @returns Why it is one too many; then it is not counted.
   */
  acquire(host: string | undefined, secure = false): string | undefined {
    const { total, memory } = this.#options;
    if (this.#total >= total) return `${total} connections in all are allowed`;
    const bytes = this.#bytesOf(secure);
    if (memory && !memory.hasRoom(bytes)) return memory.shortage;
    const refused = host === undefined ? undefined : this.acquireNetwork(host);
    if (refused) return refused;
    memory?.change("session", bytes);
    this.#total++;
    return undefined;
  }

  /** Counts a connection no longer; with what it was acquired with. */
  release(host: string | undefined, secure = false): void {
    this.#total--;
    this.#options.memory?.change("session", -this.#bytesOf(secure));
    if (host !== undefined) this.releaseNetwork(host);
  }

  /**
   * Counts one more of a network: a connection or a request of a trusted proxy, once it has told for
   * whom.
   *
   * @returns Why it is one too many; then it is not counted.
   */
  acquireNetwork(host: string): string | undefined {
    const network = networkOf(host);
    const count = this.#networks.get(network) ?? 0;
    const { perNetwork } = this.#options;
    if (count >= perNetwork) {
      return `${perNetwork} connections from one network are allowed`;
    }
    this.#networks.set(network, count + 1);
    return undefined;
  }

  /** Counts one less of a network. */
  releaseNetwork(host: string): void {
    const network = networkOf(host);
    const count = this.#networks.get(network) ?? 0;
    if (count <= 1) this.#networks.delete(network);
    else this.#networks.set(network, count - 1);
  }

  #bytesOf(secure: boolean): number {
    const { bytesEach = 0, bytesOfTls = 0 } = this.#options;
    return secure ? bytesEach + bytesOfTls : bytesEach;
  }
}
