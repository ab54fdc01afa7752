import {
  EVENT_NAMES,
  eventNameOf,
  STATS_EVENT,
} from "../config/event_names.ts";
import { messageOf } from "../errors.ts";
import { postJson } from "../net/http_post.ts";
import type { LogFields, Logger } from "../logger.ts";

/** Events that wait to be posted: some 100 KB. */
export const MAX_WAITING_EVENTS = 256;

/**
 * How many of them may be of watchers and refusals: peers that come and go, or are refused again and again, must not
 * push out events of channels.
 */
export const MAX_WAITING_FREQUENT = 64;

/** Events that every peer can cause as often as it likes. */
const FREQUENT: readonly string[] = [
  EVENT_NAMES.refused!,
  EVENT_NAMES["watch-start"]!,
  EVENT_NAMES["watch-end"]!,
  EVENT_NAMES["watch-skip"]!,
];

/** Events that are posted if the operator does not name others. */
const DEFAULT_NAMES: readonly string[] = ["live", "ended", "refused"];

/** Milliseconds that a post may take. */
export const EVENT_TIMEOUT_MS = 5000;

/** Milliseconds before each further try: a restart of the other side takes seconds. */
export const EVENT_RETRY_MS: readonly number[] = [1000, 5000];

/** Milliseconds for waiting events when the server shuts down. */
export const EVENT_CLOSE_MS = 1000;

/** What an {@linkcode EventHook} posts, and its times. */
export interface EventHookOptions {
  /** Names of the events that are posted. Default `live`, `ended` and `refused`. */
  readonly names?: readonly string[];
  /** Milliseconds before each further try. Default {@linkcode EVENT_RETRY_MS}. */
  readonly retryMs?: readonly number[];
  /** Milliseconds that a post may take. Default {@linkcode EVENT_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

interface WaitingEvent {
  readonly event: string;
  readonly time: string;
  readonly [key: string]: unknown;
}

/**
 * A logger that also posts events to a URL of the operator's, as JSON, each with its name, `time` (ISO 8601) and the
 * fields of the log line. One post is in progress at a time and nothing waits for it; an event that cannot be posted in
 * three tries is dropped and counted.
 */
export class EventHook implements Logger {
  readonly #next: Logger;
  readonly #url: string;
  readonly #names: readonly string[];
  readonly #retryMs: readonly number[];
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();
  readonly #waiting: WaitingEvent[] = [];
  #posting: Promise<void> | undefined;
  #lost = 0;

  /**
   * Creates a hook with nothing to post.
   *
   * @param next The log itself.
   * @param url Where to post, `http` or `https`.
   * @param options What it posts, and its times.
   */
  constructor(next: Logger, url: string, options: EventHookOptions = {}) {
    this.#next = next;
    this.#url = url;
    this.#names = options.names ?? DEFAULT_NAMES;
    this.#retryMs = options.retryMs ?? EVENT_RETRY_MS;
    this.#timeoutMs = options.timeoutMs ?? EVENT_TIMEOUT_MS;
  }

  /** Logs an event, and has it posted if it is one of those. */
  log(event: string, fields: LogFields = {}): void {
    this.#next.log(event, fields);
    const name = eventNameOf(event);
    if (name !== undefined) this.post(name, fields);
  }

  /** Has an event posted that no line of the log tells of, if it is one of those. */
  post(name: string, fields: Readonly<Record<string, unknown>>): void {
    if (!this.#names.includes(name)) return;
    const time = new Date().toISOString();
    this.#add({ ...fields, event: name, time });
    this.#posting ??= this.#postAll();
  }

  /** Posts what waits as far as the time allows; resolves when no post is in progress. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), EVENT_CLOSE_MS);
    await this.#posting;
    clearTimeout(timer);
  }

  #add(event: WaitingEvent): void {
    // Old statistics are of no use. The first that waits is being posted.
    const older = event.event === STATS_EVENT
      ? this.#waiting.findLastIndex((each) => each.event === STATS_EVENT)
      : -1;
    if (older > 0) this.#waiting.splice(older, 1);
    const most = FREQUENT.includes(event.event)
      ? MAX_WAITING_FREQUENT
      : MAX_WAITING_EVENTS;
    if (this.#waiting.length < most) this.#waiting.push(event);
    else this.#lost++;
  }

  async #postAll(): Promise<void> {
    let reason = "too many wait";
    for (let event = this.#waiting[0]; event; event = this.#waiting[0]) {
      const problem = await this.#post(event);
      this.#waiting.shift();
      if (problem === undefined) continue;
      reason = problem;
      this.#lost++;
    }
    this.#posting = undefined;
    if (this.#lost === 0) return;
    this.#next.log("events-lost", { count: this.#lost, reason });
    this.#lost = 0;
  }

  /** Posts one event. @returns Why it could not be. */
  async #post(event: WaitingEvent): Promise<string | undefined> {
    let problem = await this.#try(event);
    for (const ms of this.#retryMs) {
      if (problem === undefined || !problem.again) break;
      await this.#pause(ms);
      if (this.#closing.signal.aborted) break;
      problem = await this.#try(event);
    }
    return problem?.reason;
  }

  async #try(
    event: WaitingEvent,
  ): Promise<{ reason: string; again: boolean } | undefined> {
    const { signal } = this.#closing;
    const options = { timeoutMs: this.#timeoutMs, signal };
    try {
      const status = await postJson(this.#url, event, options);
      if (status >= 200 && status < 300) return undefined;
      // RFC 9110 §15.6 and RFC 6585 §4: another time it may do. Other answers stay what they are.
      const again = status >= 500 || status === 429;
      return { reason: `HTTP status ${status}`, again };
    } catch (error) {
      return { reason: messageOf(error), again: !signal.aborted };
    }
  }

  /** Waits; a shutdown ends the wait. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    const timer = setTimeout(wake, ms);
    signal.addEventListener("abort", wake);
    await promise;
    signal.removeEventListener("abort", wake);
    clearTimeout(timer);
  }
}
