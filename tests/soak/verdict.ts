import type { Sample } from "./sampler.ts";

/** A figure that must not rise. */
export interface Watched {
  /** What it is, with its unit. */
  readonly name: string;
  /** Takes it out of a sample. */
  readonly of: (sample: Sample) => number;
  /** How much more the last quarter may have than the second: noise of the churn, no more. */
  readonly slack: (before: number) => number;
}

/** Figures of which a leak would make one rise. */
export const WATCHED: readonly Watched[] = [
  {
    name: "resident memory, MB",
    of: (sample) => sample.rssMb,
    // What the collector leaves lying about differs by some MB from minute to minute.
    slack: (before) => Math.max(10, before * 0.1),
  },
  {
    name: "open files",
    of: (sample) => sample.files,
    slack: (before) => Math.max(15, before * 0.15),
  },
  {
    name: "event loop's delay, ms",
    of: (sample) => sample.delayMs,
    slack: (before) => Math.max(50, before),
  },
  {
    name: "answer of /metrics, ms",
    of: (sample) => sample.answerMs,
    slack: (before) => Math.max(20, before),
  },
];

/** How a figure went. */
export interface Trend {
  /** What it is, with its unit. */
  readonly name: string;
  /** Its median in the second quarter of the time; the first is for warming up. */
  readonly second: number;
  /** Its median in the last quarter. */
  readonly last: number;
  /** Its highest value. */
  readonly most: number;
  /** Whether it rose by more than noise. */
  readonly rises: boolean;
}

/**
 * Compares the second and the last quarter of the time.
 *
 * @param samples At least four.
 * @throws {RangeError} When there are fewer.
 */
export function trends(samples: readonly Sample[]): Trend[] {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) {
    throw new RangeError(
      `Cannot judge ${samples.length} samples: 4 are needed`,
    );
  }
  const seconds = samples.slice(quarter, 2 * quarter);
  const lasts = samples.slice(-quarter);
  return WATCHED.map(({ name, of, slack }) => {
    const second = median(seconds.map(of));
    const last = median(lasts.map(of));
    const most = Math.max(...samples.map(of));
    return { name, second, last, most, rises: last > second + slack(second) };
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
