import type { Channel } from "./channel.ts";
import type { Cursor } from "./cursor.ts";

/** A watcher's place in a channel. */
export class Watcher {
  /** The channel. */
  readonly channel: Channel;
  /** The position in its log. */
  readonly cursor: Cursor;
  readonly #onLeave: () => void;
  #left = false;

  /** Takes a place; `onLeave` is called once, when it is given back. */
  constructor(channel: Channel, cursor: Cursor, onLeave: () => void) {
    this.channel = channel;
    this.cursor = cursor;
    this.#onLeave = onLeave;
  }

  /** Gives the place back; a second call is ignored. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#onLeave();
  }
}
