import type { Broadcast } from "./broadcast.ts";

/** Broadcasts that a channel remembers: one whose encoder restarts every second has those of a minute. */
const MAX_PAST_BROADCASTS = 64;

/** The earlier broadcasts of a channel that its log still holds a join point of. */
export class PastBroadcasts {
  #broadcasts: Broadcast[] = [];

  /** Oldest first. */
  get all(): readonly Broadcast[] {
    return this.#broadcasts;
  }

  /** Bytes that their join points hold. */
  get heldBytes(): number {
    return this.#broadcasts.reduce((sum, each) => sum + each.heldBytes, 0);
  }

  /** Adds one that another has followed. */
  add(broadcast: Broadcast): void {
    if (broadcast.joins.newest) this.#broadcasts.push(broadcast);
  }

  /** Removes the join points before offset `first` of the log, and the broadcasts that have none left. */
  trim(first: number): void {
    for (const each of this.#broadcasts) each.trim(first);
    while (this.#isOldestForgotten) this.#broadcasts.shift();
  }

  get #isOldestForgotten(): boolean {
    const [oldest] = this.#broadcasts;
    return oldest !== undefined &&
      (this.#broadcasts.length > MAX_PAST_BROADCASTS || !oldest.joins.newest);
  }
}
