import type { Address } from "../../lib/net/address.ts";

/** What happened, counted; written by all actors. */
export interface Tally {
  /** Bytes that healthy watchers were sent. */
  bytes: number;
  /** Records that they found to be right. */
  records: number;
  /** Broadcasts that began while they watched. */
  seams: number;
  /** Visits of healthy watchers. */
  visits: number;
  /** Broadcasts. */
  broadcasts: number;
  /** Broadcasts that took over a live one. */
  takeovers: number;
  /** Broadcasts that ended by a reset. */
  resets: number;
  /** Watchers that read nothing. */
  stalls: number;
  /** Peers with wrong passwords, garbage, or half a request. */
  badPeers: number;
  /** What must not have happened, in words. */
  readonly faults: string[];
}

/** Where actors act. */
export interface Scene {
  /** Where the server listens. */
  readonly address: Address;
  /** The same as `http://host:port`. */
  readonly origin: string;
  /** How many channels there are. */
  readonly channels: number;
  /** Bits a second of each. */
  readonly bitRate: number;
  /** Chooses, the same way in each run with the same seed. */
  readonly random: (below: number) => number;
  /** What happened. */
  readonly tally: Tally;
  /** Aborted when the time is over. */
  readonly over: AbortSignal;
}

/** A tally of nothing yet. */
export function emptyTally(): Tally {
  return {
    ...{ bytes: 0, records: 0, seams: 0, visits: 0, broadcasts: 0 },
    ...{ takeovers: 0, resets: 0, stalls: 0, badPeers: 0, faults: [] },
  };
}

/** Faults that are kept in words: one tells as much as hundreds of the same. */
const MAX_FAULTS = 20;

/** Notes what must not have happened. */
export function fault({ tally }: Scene, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  if (tally.faults.length < MAX_FAULTS) tally.faults.push(text);
}

/** Waits for some milliseconds, or until the time is over. */
export async function pause({ over }: Scene, ms: number): Promise<void> {
  if (over.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  const timer = setTimeout(done, ms);
  over.addEventListener("abort", done, { once: true });
  await promise;
  clearTimeout(timer);
  over.removeEventListener("abort", done);
}
