import type { Channel } from "./channel.ts";

/** How a broadcast ended. */
export type BroadcastEnd =
  /** The broadcaster closed in order: watchers end too, unless he asked for a hold. */
  | "clean"
  /** Reset, silence, or our own fault: watchers are held for the grace period. */
  | "broken";

/** A broadcaster's hold on a channel, until he ends it or somebody takes the channel over. */
export class Broadcast {
  /** The channel that he feeds. */
  readonly channel: Channel;
  /** Bytes received. */
  bytes = 0;
  readonly #onRevoked: (why: string) => void;
  readonly #onEnd: (end: BroadcastEnd) => void;
  #open = true;

  /**
   * Takes the hold.
   *
   * @param channel The channel, already open for this broadcast.
   * @param onRevoked Told when the channel is taken from him; he is to be cut.
   * @param onEnd Told once when he ends it himself.
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

  /** Puts bytes on the air; nothing happens once the channel is somebody else's. */
  append(bytes: Uint8Array): void {
    if (!this.#open) return;
    this.bytes += bytes.length;
    this.channel.append(bytes);
  }

  /** Ends it; nothing happens when it has ended before. */
  end(how: BroadcastEnd): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onEnd(how);
  }

  /** Takes the channel from the broadcaster. */
  revoke(why: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#onRevoked(why);
  }
}
