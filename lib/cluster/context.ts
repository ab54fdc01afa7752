import type { Entry } from "../hub/broadcast.ts";
import type { Channel } from "../hub/channel.ts";
import type { Hub } from "../hub/hub.ts";
import type { Logger } from "../logger.ts";
import type { TrackerFactory } from "../media/tracker.ts";
import type { StreamHints } from "../media/tracker_for.ts";
import type { Buses } from "./bus.ts";
import type { ClusterCounts } from "./counts.ts";
import type { Subjects } from "./subjects.ts";

/**
 * What the parts of a cluster share. Functions of other modules are handed in, so that this one can be a script of its
 * own, which only servers with `nats` load.
 */
export interface ClusterContext {
  /** This node's id, new at each start. */
  readonly node: string;
  /** The channels. */
  readonly hub: Hub;
  /** The connections to the other nodes. */
  readonly buses: Buses;
  /** What they are called. */
  readonly subjects: Subjects;
  /** Takes events. */
  readonly logger: Logger;
  /** Counted for the metrics. */
  readonly counts: ClusterCounts;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** `trackerFor` of media. */
  readonly trackerFor: (hints: StreamHints) => TrackerFactory;
  /** `entryOf` of hub. */
  readonly entryOf: (channel: Channel, least: number) => Entry;
  /** `secretsEqual` of auth. */
  readonly sameSecret: (a: string, b: string) => boolean;
}
