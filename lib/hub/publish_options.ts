import type { Position } from "../wire/position.ts";
import type { TrackerFactory } from "../media/tracker.ts";
import type { StreamHints } from "../media/tracker_for.ts";
import type { Entry } from "./broadcast.ts";
import type { OnRevoked } from "./channel_options.ts";
import type { LingerTime, MaxLag } from "../config/values.ts";

/** What a broadcaster asks for; the session has checked that this user may broadcast. */
export interface PublishOptions {
  /** Whose channel. */
  readonly user: string;
  /** The channel's name. */
  readonly channel: string;
  /** The password that watchers must give; empty for none. */
  readonly channelPassword: string;
  /** Seconds that watchers are held after a clean end. */
  readonly hold: number;
  /**
   * Seconds of media that a watcher is sent at once if it does not ask for a burst.
   *
   * @default {HubOptions.burstSeconds}
   */
  readonly burst?: number | undefined;
  /**
   * How long small pieces of this channel may wait for more.
   *
   * @default {HubOptions.linger}
   */
  readonly linger?: LingerTime | undefined;
  /**
   * How far a watcher of this channel may lag before it skips.
   *
   * @default {HubOptions.maxLag}
   */
  readonly maxLag?: MaxLag | undefined;
  /** Where the broadcast stopped that this one continues, after a restart of the server. */
  readonly continues?: Position | undefined;
  /** Creates the tracker of this broadcast. */
  readonly tracker: TrackerFactory;
  /** What the broadcaster says of the stream, for servers that make a tracker of their own. */
  readonly hints?: StreamHints | undefined;
  /** Where the broadcast is entered, if another server receives it. */
  readonly entry?: Entry | undefined;
  /** Called when the channel is taken away or ended. */
  readonly onRevoked: OnRevoked;
}

/** What continues a broadcast whose connection broke; the session has checked its secret. */
export interface ResumeOptions
  extends Pick<PublishOptions, "user" | "channel" | "onRevoked"> {
  /**
   * Whether another server feeds it from now on.
   *
   * @default {false}
   */
  readonly isRemote?: boolean;
}
