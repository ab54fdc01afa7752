import type { Channel } from "./channel.ts";

/** How a broadcast ended. */
export type BroadcastEnd =
  /** The broadcaster ended it: watchers end too, unless a hold was asked for. */
  | "clean"
  /** Reset, timeout or a fault of the server: watchers are held for the grace period. */
  | "broken";

/** The right to feed a channel, until the broadcaster ends the broadcast or the channel is taken away. */
export class Publisher {
  /** The channel that is fed. */
  readonly channel: Channel;
  /** Bytes received. */
  bytes = 0;
  readonly #onRevoked: (why: string) => void;
  readonly #onEnd: (end: BroadcastEnd) => void;
  #open = true;

  /**
   * @param channel The channel, with the broadcast already open.
   * @param onRevoked Called when the channel is taken away; the broadcaster must be disconnected.
   * @param onEnd Called once when the broadcaster ends the broadcast.
   */
  constructor(
    channel: Channel,
    onRevoked: (why: string) => void,
    onEnd: (end: BroadcastEnd) => void,
  ) {
    this.channel = channel;
    this.#onRevoked = onRevoked;
    this.#onEnd = onEnd;
  }

  /** Appends media; ignored once the channel is gone, because bytes may still be in flight. */
  append(bytes: Uint8Array): void {
    if (!this.#open) return;
    this.bytes += bytes.length;
    this.channel.append(bytes);
  }

  /** Ends the broadcast; a second end is ignored. */
  end(how: BroadcastEnd): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onEnd(how);
  }

  /** Takes the channel away from the broadcaster. */
  revoke(why: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onRevoked(why);
  }
}
