import type { LogFields, Logger } from "../logger.ts";
import type { Tickable, Ticker } from "./ticker.ts";

/** Milliseconds over which the lines of a cause are counted: a flood stays visible and does not fill a disk. */
const INTERVAL_MS = 1000;

/** Lines of one cause in an interval: what happens now and then is logged one by one. */
const MAX_LINES = 10;

/**
 * Causes that are counted separately at a time. A server has a few dozen; where a cause contains what
 * peers choose, the remaining ones share one line a second.
 */
const MAX_CAUSES = 100;

/** The state of one cause. */
interface Throttled {
  readonly event: string;
  /** The ticker's time when its interval began. */
  since: number;
  /** Lines logged in the interval. */
  lines: number;
  /** Events since then. */
  suppressed: number;
  /** The fields of the last of them. */
  fields: LogFields;
}

/**
 * Logs at most ten lines per second and cause. What is suppressed follows at the end of the second as one
 * line with `count`, the number of events that it stands for.
 */
export class LogThrottle implements Tickable {
  readonly #logger: Logger;
  readonly #ticker: Ticker;
  readonly #causes: Map<string, Throttled> = new Map();

  /** Logs to `logger`, by the ticker's clock. */
  constructor(logger: Logger, ticker: Ticker) {
    this.#logger = logger;
    this.#ticker = ticker;
    ticker.add(this);
  }

  /**
   * Logs an event, or counts it if its cause has used up its lines.
   *
   * @param event As for {@linkcode Logger.log}.
   * @param cause Why it happened, without what differs from peer to peer.
   * @param fields As for {@linkcode Logger.log}.
   */
  log(event: string, cause: string, fields: LogFields = {}): void {
    const full = this.#causes.size >= MAX_CAUSES;
    const named = `${event} ${cause}`;
    const key = full && !this.#causes.has(named) ? event : named;
    const known = this.#causes.get(key);
    if (known && known.lines >= MAX_LINES) {
      known.suppressed++;
      known.fields = fields;
      return;
    }
    if (known) known.lines++;
    else {
      const since = this.#ticker.now;
      this.#causes.set(key, { event, since, lines: 1, suppressed: 0, fields });
    }
    this.#logger.log(event, fields);
  }

  /** Logs what was suppressed in the last second. */
  tick(): void {
    for (const [key, known] of this.#causes) {
      if (this.#ticker.now - known.since < INTERVAL_MS) continue;
      this.#causes.delete(key);
      if (known.suppressed > 0) this.#flush(known);
    }
  }

  /** Logs what is still suppressed, and stops. */
  close(): void {
    this.#ticker.delete(this);
    for (const known of this.#causes.values()) {
      if (known.suppressed > 0) this.#flush(known);
    }
    this.#causes.clear();
  }

  #flush(known: Throttled): void {
    const { event, fields, suppressed } = known;
    const count = suppressed > 1 ? { count: suppressed } : {};
    this.#logger.log(event, { ...fields, ...count });
  }
}
