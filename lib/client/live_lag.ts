import { countOf } from "../wire/framed_message.ts";
import { parsePosition, type Position } from "../wire/position.ts";

/**
 * How much faster than the server's clock this machine's may run, as a fraction. Twice what quartz does at its worst:
 * a watcher that lags for an hour is shown as lagging by less than a second too little.
 */
const MAX_DRIFT = 2e-4;

/** Reports that wait until the bytes before them are delivered: a minute of them. The newest replaces the one before. */
const MAX_REPORTS = 64;

/** What a server tells of live. */
interface Report {
  /** The first byte that had not arrived at the server. */
  readonly at: Position;
  /** When the byte before it arrived there, in milliseconds on this machine's clock. */
  readonly arrivedAt: number;
}

/**
 * How far behind live a watcher is: the time from a byte's arrival at the server to its delivery here, apart from the
 * shortest time that the network takes. It is measured with each report of the server, about once a second.
 */
export class LiveLag {
  readonly #now: () => number;
  /** Milliseconds from the server's clock to this machine's, and the shortest time that a report has taken. */
  #offsetMs = Infinity;
  /** When that was determined. */
  #offsetAt = 0;
  /** Reports of bytes that are not delivered yet, in order. */
  #reports: Report[] = [];
  #delivered: Position | undefined;
  #deliveredAt = 0;
  #lagMs: number | undefined;
  #longestMs: number | undefined;
  /** Whether what follows the last delivered byte has waited for this connection. */
  #isResuming = false;

  /** Starts without a figure; `now` is a clock in milliseconds that never goes back. */
  constructor(now: () => number = performance.now.bind(performance)) {
    this.#now = now;
  }

  /** Seconds that the last delivered bytes were behind live; `undefined` until that has been measured. */
  get seconds(): number | undefined {
    return this.#lagMs === undefined ? undefined : this.#lagMs / 1000;
  }

  /** The same for a watcher that waits for its server or its sink: what it was, and the time since. */
  get waitingSeconds(): number | undefined {
    const waitedMs = this.#waitedMs;
    return waitedMs === undefined ? undefined : waitedMs / 1000;
  }

  /** Seconds that it was at most. */
  get longestSeconds(): number | undefined {
    return this.#longestMs === undefined ? undefined : this.#longestMs / 1000;
  }

  /** Starts a connection, perhaps to another server with another clock. */
  connect(): void {
    this.#offsetMs = Infinity;
    this.#reports = [];
    this.#isResuming = this.#lagMs !== undefined;
  }

  /** Takes the server's report: the keys `at`, `time` and `age`. One that is malformed is ignored. */
  report(values: ReadonlyMap<string, string>): void {
    const at = parsePosition(values.get("at") ?? "");
    const time = countOf(values.get("time"));
    const age = countOf(values.get("age"));
    if (!at || time === undefined || age === undefined) return;
    const arrivedAt = time + this.#settleOffset(time) - age;
    if (this.#reports.length === MAX_REPORTS) this.#reports.pop();
    this.#reports.push({ at, arrivedAt });
    if (this.#isResuming) this.#resume(at);
  }

  /** Notes that everything before a position has been delivered. */
  deliver(position: Position): void {
    this.#deliveredAt = this.#now();
    if (this.#delivered?.id !== position.id) this.#dropBefore(position.id);
    this.#delivered = position;
    for (;;) {
      const [next] = this.#reports;
      if (next?.at.id !== position.id) return;
      if (next.at.offset > position.offset) return;
      this.#reports.shift();
      this.#sample(this.#deliveredAt - next.arrivedAt);
    }
  }

  get #waitedMs(): number | undefined {
    if (this.#lagMs === undefined) return undefined;
    return this.#now() - this.#deliveredAt + this.#lagMs;
  }

  /** The shortest way counts; a clock that drifts makes all ways seem longer. */
  #settleOffset(time: number): number {
    const now = this.#now();
    const drifted = this.#offsetMs + (now - this.#offsetAt) * MAX_DRIFT;
    this.#offsetMs = Math.min(drifted, now - time);
    this.#offsetAt = now;
    return this.#offsetMs;
  }

  /** What follows the last delivered byte arrived while there was no connection. */
  #resume({ id, offset }: Position): void {
    this.#isResuming = false;
    const { id: ownId, offset: own = 0 } = this.#delivered ?? {};
    if (id !== ownId || offset > own) this.#sample(this.#waitedMs!);
  }

  /** Drops what was told of the broadcasts before another one. */
  #dropBefore(id: string): void {
    const first = this.#reports.findIndex(({ at }) => at.id === id);
    if (first > 0) this.#reports.splice(0, first);
  }

  #sample(ms: number): void {
    this.#lagMs = Math.max(0, ms);
    this.#longestMs = Math.max(this.#longestMs ?? 0, this.#lagMs);
  }
}
