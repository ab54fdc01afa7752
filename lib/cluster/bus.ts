/** A message as it came over a bus. */
export interface BusMessage {
  /** Its content, valid during the call only. */
  readonly data: Uint8Array;
  /** Where an answer goes; empty for nowhere. */
  readonly reply: string;
  /** Whether the bus says that no node has received what asked for an answer to here. */
  readonly hasNoResponders: boolean;
}

/** What carries messages between the nodes: NATS, or a stand-in for tests. */
export interface Bus {
  /** Whether messages can be sent at present; what is sent meanwhile is lost. */
  readonly isConnected: boolean;
  /** How often it was connected; messages may have been lost in between. */
  readonly connects: number;
  /** Whether so much waits to be written that a sender of media should wait for {@linkcode Bus.whenFree}. */
  readonly isFull: boolean;
  /** Resolves once it is not full any more, or has been closed. */
  whenFree(): Promise<void>;
  /** Sends a message, which is copied, to every other node that has subscribed to its subject. */
  publish(subject: string, data: Uint8Array, reply?: string): void;
  /**
   * Receives messages, over reconnections, until it is ended.
   *
   * @returns Ends it.
   */
  subscribe(subject: string, take: (message: BusMessage) => void): () => void;
  /**
   * Asks for one answer.
   *
   * @returns `no-responders` when no node has subscribed, `late` when no answer came in time.
   */
  request(
    subject: string,
    data: Uint8Array,
    timeoutMs: number,
  ): Promise<Uint8Array | "no-responders" | "late">;
}

/** The two connections of a node, so that media never delays a decision. */
export interface Buses {
  /** Who has what. */
  readonly control: Bus;
  /** Media, and requests for it. */
  readonly media: Bus;
}
