import { EVENT_NAMES, eventNameOf } from "../config/event_names.ts";
import { Refusal } from "../errors.ts";
import type { LogFields, Logger } from "../logger.ts";

/** Events that are for users: a refusal concerns the operator, and names whom it was not. */
export const FEED_EVENTS: readonly string[] = Object.values(EVENT_NAMES)
  .filter((name) => name !== EVENT_NAMES.refused);

/** An event: its name, when it was (ISO 8601), and the fields of the log line. */
export interface FeedEvent {
  /** One of {@linkcode FEED_EVENTS}. */
  readonly event: string;
  /** When it was. */
  readonly time: string;
  /** The fields of the log line. */
  readonly [field: string]: LogFields[string];
}

/** Programs and pages of one user that follow at a time. */
export const MAX_FOLLOWERS_PER_USER = 8;

/** Programs and pages that follow in all; each costs a look at its channels every second. */
export const MAX_FOLLOWERS = 64;

/** Who follows the events. */
export interface Subscriber {
  /** The user who signed in. */
  readonly user: string;
  /** Called with each event; must not throw. */
  onEvent(event: FeedEvent): void;
  /** Called when the server shuts down. */
  onClose(): void;
}

/** A logger that also hands what happens to channels to those who follow it. It costs nothing while nobody does. */
export class EventFeed implements Logger {
  /** Told of each event for those who follow at other servers; not called while it is `undefined`. */
  onEvent: ((event: Readonly<Record<string, unknown>>) => void) | undefined;
  /** This server's name in a cluster, which its events bear. */
  node: string | undefined;
  /** Called when the first begins to follow. */
  onFollowed: (() => void) | undefined;
  readonly #next: Logger;
  readonly #subscribers: Set<Subscriber> = new Set();
  #closed = false;

  /** Puts the feed in front of the log itself. */
  constructor(next: Logger) {
    this.#next = next;
  }

  /** How many follow. */
  get size(): number {
    return this.#subscribers.size;
  }

  /** Logs an event, and hands it on if it is one of those. */
  log(event: string, fields: LogFields = {}): void {
    this.#next.log(event, fields);
    if (this.#subscribers.size === 0 && !this.onEvent) return;
    const name = eventNameOf(event);
    if (name === undefined || !FEED_EVENTS.includes(name)) return;
    const time = new Date().toISOString();
    const { node } = this;
    const told = { ...fields, event: name, time, ...(node ? { node } : {}) };
    for (const subscriber of this.#subscribers) subscriber.onEvent(told);
    this.onEvent?.(told);
  }

  /** Hands on what happened at another server; what is no event is ignored. */
  hear(event: Readonly<Record<string, unknown>>): void {
    if (!isEvent(event)) return;
    for (const subscriber of this.#subscribers) subscriber.onEvent(event);
  }

  /**
   * Adds one that follows, until the result is disposed of.
   *
   * @throws {Refusal} `limit` when too many follow.
   */
  subscribe(subscriber: Subscriber): Disposable {
    const { user } = subscriber;
    const own = [...this.#subscribers].filter((each) => each.user === user);
    if (own.length >= MAX_FOLLOWERS_PER_USER || this.size >= MAX_FOLLOWERS) {
      throw new Refusal("limit", "too many programs follow the events");
    }
    if (this.#closed) subscriber.onClose();
    else this.#add(subscriber);
    return {
      [Symbol.dispose]: () => void this.#subscribers.delete(subscriber),
    };
  }

  #add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    if (this.#subscribers.size === 1) this.onFollowed?.();
  }

  /** Ends every subscription, for good. */
  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.onClose();
    this.#subscribers.clear();
  }
}

function isEvent(
  event: Readonly<Record<string, unknown>>,
): event is FeedEvent {
  return FEED_EVENTS.includes(String(event.event)) &&
    typeof event.time === "string" && typeof event.user === "string" &&
    Object.values(event).every((value) => typeof value !== "object");
}
