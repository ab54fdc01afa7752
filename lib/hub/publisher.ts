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
  /** Bytes received. */
  bytes = 0;
  readonly #onEnd: (end: BroadcastEnd) => void;

  /** Publishes the channel's current broadcast; `onEnd` is called when the broadcaster ends it. */
  constructor(channel: Channel, onEnd: (end: BroadcastEnd) => void) {
    this.channel = channel;
    this.broadcast = channel.broadcast;
    this.#onEnd = onEnd;
  }

  /** Appends media; ignored once the broadcast is over, because bytes may still be in flight. */
  append(bytes: Uint8Array): void {
    if (this.broadcast.isOver) return;
    this.bytes += bytes.length;
    this.channel.append(bytes);
  }

  /** Ends the broadcast; ignored when it is over. */
  end(how: BroadcastEnd): void {
    if (this.broadcast.isOver) return;
    this.broadcast.close(this.channel.log.last);
    this.#onEnd(how);
  }
}
