import { LruMap } from "../auth/lru_map.ts";
import type { Position } from "../wire/position.ts";
import type { Channel } from "./channel.ts";
import type { ChannelEnd } from "./channel_options.ts";

/** Broadcasts that are remembered: those of the last minutes on a busy server, in less than 1 MB. */
const MAX_BROADCASTS = 1000;

interface Ended {
  readonly user: string;
  readonly name: string;
  readonly bytes: number;
  readonly how: ChannelEnd;
}

/** How the last broadcasts of ended channels ended, for watchers whose connection broke just before. */
export class EndedBroadcasts {
  readonly #ended: LruMap<string, Ended> = new LruMap(MAX_BROADCASTS);

  /** Remembers the broadcast with which a channel has ended. */
  add({ user, name, log, broadcast, howEnded: how }: Channel): void {
    const { id, base } = broadcast;
    this.#ended.set(id, { user, name, bytes: log.last - base, how });
  }

  /**
   * How a broadcast ended for a watcher that continues at a position: `lost` if it does not have all of it.
   *
   * @returns `undefined` when it is not known.
   */
  find(
    user: string,
    name: string,
    { id, offset }: Position,
  ): ChannelEnd | "lost" | undefined {
    const ended = this.#ended.peek(id);
    if (ended?.user !== user || ended.name !== name) return undefined;
    return offset < ended.bytes ? "lost" : ended.how;
  }
}
