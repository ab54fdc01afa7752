import type { Broadcast } from "./broadcast.ts";
import type { Channel } from "./channel.ts";

/** How a broadcast ended. */
export type BroadcastEnd =
  /** The broadcaster ended it: watchers end too, unless a hold was asked for. */
  | "clean"
  /** Reset, timeout or a fault of the server: watchers are held for the grace period. */
  | "broken";

/** Feeds a channel with one broadcast, until that ends or the channel is taken away. */
export class Publisher {
  /** The channel that is fed. */
  readonly channel: Channel;
  /** The broadcast that is published. */
  readonly broadcast: Broadcast;
  readonly #feed: number;
  readonly #onEnd: (end: BroadcastEnd) => void;

  /** Publishes the channel's current broadcast; `onEnd` is called when the broadcaster ends it. */
  constructor(channel: Channel, onEnd: (end: BroadcastEnd) => void) {
    this.channel = channel;
    this.broadcast = channel.broadcast;
    this.#feed = channel.feed;
    this.#onEnd = onEnd;
  }

  /** Bytes received of the broadcast, over all connections that have fed it. */
  get bytes(): number {
    return this.broadcast.receivedBytes;
  }

  /** Whether the broadcast is over, or is continued by another connection. */
  get #isOver(): boolean {
    return this.broadcast.isOver || this.channel.feed !== this.#feed;
  }

  /**
   * Appends media; ignored once the broadcast is over, because bytes may still be in flight.
   *
   * @param age Milliseconds since another server received it.
   */
  append(bytes: Uint8Array, age = 0): void {
    if (this.#isOver) return;
    this.channel.append(bytes, age);
  }

  /** Shows the tracker what opened the stream that this broadcast continues; ignored once media has come. */
  prime(bytes: Uint8Array): void {
    if (!this.#isOver) this.broadcast.prime(bytes);
  }

  /** Ends the broadcast; ignored when it is over. */
  end(how: BroadcastEnd): void {
    if (this.#isOver) return;
    this.broadcast.close(this.channel.log.last);
    this.#onEnd(how);
  }
}
