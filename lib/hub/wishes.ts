import type { TrackerFactory } from "../media/tracker.ts";
import type { Channel } from "./channel.ts";
import type { Cursor } from "./cursor.ts";
import type { WatcherDoor } from "./memory_budget.ts";
import type { StartOptions } from "./start_options.ts";

/** A broadcaster's claim to a channel; who he is has been proven. */
export interface BroadcastClaim {
  /** Who broadcasts. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** What watchers will have to give; empty: nothing. */
  readonly channelPassword: string;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /** Seconds of media that watchers who do not say are sent at once; `undefined`: the hub's own. */
  readonly burst?: number | undefined;
  /** Makes the tracker that watches his bytes. */
  readonly tracker: TrackerFactory;
  /** Told when the channel is taken from him. */
  readonly onRevoked: (why: string) => void;
}

/** A watcher's wish. */
export interface WatchWish extends StartOptions {
  /** Whose channel. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** What the watcher gives as the channel's password. */
  readonly channelPassword: string;
  /** Seconds to wait for a channel that is not live. */
  readonly wait: number;
  /** Ends the wait when the watcher has gone. */
  readonly signal: AbortSignal;
  /** Where the watcher came in, which tells how much memory it takes. Default `tcp`. */
  readonly door?: WatcherDoor;
}

/** A watcher's place in a channel. */
export interface Watch {
  /** The channel. */
  readonly channel: Channel;
  /** Where the watcher is in it. */
  readonly cursor: Cursor;
  /** To be called once when the watcher has ended. */
  leave(): void;
}
