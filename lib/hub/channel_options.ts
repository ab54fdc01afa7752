import type { Position } from "../wire/position.ts";
import type { TrackerFactory } from "../media/tracker.ts";
import type { AutoLinger } from "./auto_linger.ts";
import type { StreamHints } from "../media/tracker_for.ts";
import type { Entry, OnCorruption } from "./broadcast.ts";
import type { MemoryBudget } from "./memory/memory_budget.ts";

/** Counts over the whole life of a hub, for its metrics. */
export interface Totals {
  /** Media received from broadcasters. */
  receivedBytes: number;
  /** Media received from other servers. */
  relayedBytes: number;
  /** Bytes sent to watchers. */
  sentBytes: number;
  /** How often a watcher was too slow and continued at a newer join point. */
  skips: number;
  /** Watchers so far, which numbers them. */
  watchers: number;
  /** How often bytes were released to the watchers that had sent everything before. */
  releases: number;
  /** Milliseconds that the oldest byte of each release had waited, added up. */
  lingerMs: number;
}

/** The counts of a hub that has done nothing yet. */
export function zeroTotals(): Totals {
  return {
    receivedBytes: 0,
    relayedBytes: 0,
    sentBytes: 0,
    skips: 0,
    watchers: 0,
    releases: 0,
    lingerMs: 0,
  };
}

/** What a channel consists of. */
export interface ChannelOptions {
  /** Whose channel. */
  readonly user: string;
  /** Its name. */
  readonly name: string;
  /** The password that watchers must give; empty for none. */
  readonly password: string;
  /** Bytes that are kept for watchers that join late or lag. */
  readonly backlogBytes: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Where bytes and skips are counted. */
  readonly totals: Totals;
  /** What all channels may hold together; unlimited by default. */
  readonly memory?: MemoryBudget | undefined;
  /** Tells whether watchers lag because the server itself is late; by default it never is. */
  readonly isLate?: (() => boolean) | undefined;
  /** What decides how long bytes linger if the channel leaves it to the load. */
  readonly autoLinger?: AutoLinger | undefined;
}

/** What a new broadcast needs. */
export interface OpenOptions {
  /** Creates the tracker that watches its bytes. */
  readonly tracker: TrackerFactory;
  /** What its broadcaster said of it. */
  readonly hints?: StreamHints | undefined;
  /** Where it is entered, if another server receives it. */
  readonly entry?: Entry | undefined;
  /** Where the broadcast stopped that this one continues. */
  readonly continues?: Position | undefined;
  /** Seconds that watchers are held after its clean end. */
  readonly hold?: number;
  /** Called for each corruption in its media. */
  readonly onCorruption?: OnCorruption;
  /** Called when the channel is taken away from the broadcaster. */
  readonly onRevoked?: OnRevoked | undefined;
}

/** How a channel ended. */
export type ChannelEnd =
  /** Its broadcaster ended it. */
  | "ended"
  /** Its broadcaster's connection broke, and did not come back in time. */
  | "broken"
  /** The server ended it. */
  | "revoked";

/** What took a channel away from its broadcaster. */
export type RevokeCause =
  /** Another connection of the same user broadcasts a new stream. */
  | "taken-over"
  /** Another connection of the same broadcaster continues the stream. */
  | "resumed"
  /** The channel ended. */
  | "ended";

/** Called when a channel is taken away from its broadcaster, with the reason in words. */
export type OnRevoked = (why: string, cause: RevokeCause) => void;

/** `live` while there is a broadcaster, `held` in the grace period and in a hold, then `ended`. */
export type ChannelState = "live" | "held" | "ended";
