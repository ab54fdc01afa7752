import type { Channel } from "../hub/channel.ts";

/**
 * Upper bounds of the buckets in seconds: from a player that notices nothing to a watcher that is about to skip.
 * Few, because each is a time series per channel.
 */
export const LAG_BUCKETS_S: readonly number[] = [
  ...[0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
];

/**
 * How far the watchers of a channel are behind live. Each scrape observes each watcher once, so nothing is counted
 * while nobody scrapes, and the counts only grow, as `rate()` expects.
 */
export class LagHistogram {
  /** Observations up to each of {@linkcode LAG_BUCKETS_S}, and below the one before it. */
  readonly #counts: number[] = LAG_BUCKETS_S.map(() => 0);
  /** Observations in all. */
  count = 0;
  /** Seconds of all observations together. */
  sum = 0;

  /** Observes the watchers of a channel that have started. */
  observe({ audience }: Pick<Channel, "audience">): void {
    for (const { lag } of audience) {
      if (lag) this.#add(lag.ms / 1000);
    }
  }

  /** Observations at or below each bound, as the text format wants them. */
  *cumulative(): Generator<readonly [bound: number, count: number]> {
    let below = 0;
    for (const [index, bound] of LAG_BUCKETS_S.entries()) {
      below += this.#counts[index]!;
      yield [bound, below];
    }
    yield [Infinity, this.count];
  }

  #add(seconds: number): void {
    const index = LAG_BUCKETS_S.findIndex((bound) => seconds <= bound);
    if (index >= 0) this.#counts[index]!++;
    this.count++;
    this.sum += seconds;
  }
}
