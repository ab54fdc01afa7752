import type { LogFields, Logger } from "../logger.ts";
import type { Tickable, Ticker } from "./ticker.ts";

/** Milliseconds between two lines of one cause: a flood stays visible and does not fill a disk. */
const INTERVAL_MS = 1000;

/**
 * Causes that are told apart at a time. A server has some dozens; where a cause names what peers choose,
 * the rest of them share one line a second.
 */
const MAX_CAUSES = 100;

/** What is known of one cause. */
interface Throttled {
  readonly event: string;
  /** The ticker's time of its last line. */
  loggedAt: number;
  /** Events since then. */
  suppressed: number;
  /** The fields of the last of them. */
  fields: LogFields;
}

/**
 * Logs at most one line per second and cause. The next line of a cause that was suppressed has `count`,
 * the number of events that it stands for; it comes a second later even when nothing more happens.
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
   * Logs an event, unless its cause was logged within the last second.
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
    if (known) {
      known.suppressed++;
      known.fields = fields;
      return;
    }
    this.#causes.set(key, {
      event,
      loggedAt: this.#ticker.now,
      suppressed: 0,
      fields,
    });
    this.#logger.log(event, fields);
  }

  /** Logs what was suppressed for a second, and forgets causes that did not come again. */
  tick(): void {
    for (const [key, known] of this.#causes) {
      if (this.#ticker.now - known.loggedAt < INTERVAL_MS) continue;
      if (known.suppressed === 0) this.#causes.delete(key);
      else this.#flush(known);
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
    known.loggedAt = this.#ticker.now;
    known.suppressed = 0;
  }
}
