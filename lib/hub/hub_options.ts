import type { ChannelLimits } from "../auth/permissions/permissions.ts";

/** What bounds the hub. */
export interface HubOptions {
  /** Bytes kept of a channel. */
  readonly backlogBytes: number;
  /** Bytes that all backlogs, trackers and sessions may hold together. Default no bound. */
  readonly memoryBytes?: number;
  /** Tells whether watchers lag because the server itself is late. Default never. */
  readonly isLate?: () => boolean;
  /** Seconds that a channel's watchers are held after an unclean end. */
  readonly graceSeconds: number;
  /** Channels of one user that may be live or held at a time. */
  readonly channelsPerUser: number;
  /** Watchers of one channel, and peers that wait for one. */
  readonly watchersPerChannel: number;
  /** Seconds of media that watchers are sent at once where nobody says. */
  readonly burstSeconds: number;
  /** What users may have in the place of the two numbers above. Default nothing. */
  readonly limitsOf?: (user: string, channel: string) => ChannelLimits;
  /** Compares two secrets in constant time. */
  readonly sameSecret: (a: string, b: string) => boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}
