import type { LingerTime, MaxLag } from "../config/values.ts";
import type { ChannelLimits } from "../auth/permissions/permissions.ts";

/** What limits the hub. */
export interface HubOptions {
  /** Bytes of backlog that a channel keeps. */
  readonly backlogBytes: number;
  /**
   * Bytes that all backlogs, trackers and sessions may hold together.
   *
   * @default {Infinity}
   */
  readonly memoryBytes?: number;
  /** Tells whether watchers lag because the server itself is late; by default it never is. */
  readonly isLate?: () => boolean;
  /** Seconds of the grace period, in which watchers are held after a broadcast broke off. */
  readonly graceSeconds: number;
  /**
   * Channels of one user that may be live or held at a time. As many more that have ended are kept for
   * watchers that have not received everything.
   */
  readonly channelsPerUser: number;
  /** Watchers of one channel, and watchers that wait for one. */
  readonly watchersPerChannel: number;
  /** Seconds of media that watchers are sent at once if neither they nor the channel say otherwise. */
  readonly burstSeconds: number;
  /**
   * How long small pieces may wait for more, in channels that do not say otherwise.
   *
   * @default {0}
   */
  readonly linger?: LingerTime;
  /**
   * How far a watcher may lag before it skips, in channels that do not say otherwise.
   *
   * @default {AUTO_MAX_LAG}
   */
  readonly maxLag?: MaxLag;
  /** Limits of single users, which replace the two numbers above; by default there are none. */
  readonly limitsOf?: (user: string, channel: string) => ChannelLimits;
  /** Compares two secrets in constant time. */
  readonly sameSecret: (a: string, b: string) => boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}
