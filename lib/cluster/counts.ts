/** What a node counts for its metrics, since it was started. */
export interface ClusterCounts {
  /** Times that a connection to NATS was made again. */
  reconnects: number;
  /** Media sent to other nodes. */
  sentBytes: number;
  /** Media asked for again because it had been lost on the way. */
  repairs: number;
  /** Times that media was gone everywhere, and a feed continued at a later join point. */
  jumps: number;
  /** Bytes that were skipped by that. */
  lostBytes: number;
  /** Times that a newer broadcast at another node took a channel over. */
  takeovers: number;
  /** Feeds that were opened. */
  feeds: number;
  /** Seconds that opening them took, added up. */
  openSeconds: number;
}

/** Nothing so far. */
export function zeroCounts(): ClusterCounts {
  return {
    reconnects: 0,
    sentBytes: 0,
    repairs: 0,
    jumps: 0,
    lostBytes: 0,
    takeovers: 0,
    feeds: 0,
    openSeconds: 0,
  };
}
