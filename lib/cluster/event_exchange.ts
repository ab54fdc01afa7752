import type { ClusterContext } from "./context.ts";
import { asText, type Fields, readFields, writeJson } from "./json.ts";

/** Milliseconds between two messages that say that somebody follows here. */
const FOLLOW_MS = 2000;

/** Milliseconds without one after which events are not sent any more: three messages, and some. */
const FOLLOWED_MS = 7000;

/** What the exchange needs of this node's events. */
export interface OwnEvents {
  /** Told of each event that happens here; not called while it is `undefined`. */
  onEvent: ((event: Fields) => void) | undefined;
  /** This node's name, which its events bear. */
  node: string | undefined;
  /** Called when the first begins to follow here. */
  onFollowed: (() => void) | undefined;
  /** How many follow here. */
  readonly size: number;
  /** Hands an event of another node to those who follow here; what is none is ignored. */
  hear(event: Fields): void;
}

/** Sends the events of this node to the others as long as somebody follows there, and takes theirs. */
export class EventExchange {
  readonly #context: ClusterContext;
  readonly #events: OwnEvents;
  readonly #ends: (() => void)[];
  #askedAt = -Infinity;
  #followedAt = -Infinity;

  /** Listens to the other nodes; `name` is this one's. */
  constructor(context: ClusterContext, name: string, events: OwnEvents) {
    this.#context = context;
    this.#events = events;
    events.node = name;
    events.onFollowed = () => this.#follow();
    const { buses: { control }, subjects } = context;
    this.#ends = [
      control.subscribe(subjects.follow, () => this.#followed()),
      control.subscribe(subjects.events, ({ data }) => {
        const event = readFields(data);
        if (event && asText(event.node) !== "") events.hear(event);
      }),
    ];
  }

  /** Called several times a second. */
  tick(): void {
    const now = this.#context.now();
    if (this.#events.size > 0 && now - this.#askedAt >= FOLLOW_MS) {
      this.#follow();
    }
    if (now - this.#followedAt >= FOLLOWED_MS) this.#events.onEvent = undefined;
  }

  /** Ends it. */
  close(): void {
    this.#events.onEvent = this.#events.onFollowed = undefined;
    for (const end of this.#ends) end();
  }

  #follow(): void {
    const { now, buses: { control }, subjects } = this.#context;
    this.#askedAt = now();
    control.publish(subjects.follow, new Uint8Array());
  }

  #followed(): void {
    this.#followedAt = this.#context.now();
    this.#events.onEvent = (event) => this.#send(event);
  }

  /** A NATS that stalls loses events, and costs no memory. */
  #send(event: Fields): void {
    const { buses: { control }, subjects } = this.#context;
    if (control.isFull) return;
    control.publish(subjects.events, writeJson(event));
  }
}
