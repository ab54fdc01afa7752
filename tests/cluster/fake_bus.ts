import type { Bus, BusMessage } from "../../lib/cluster/bus.ts";

type Take = (message: BusMessage) => void;

/** Carries messages within the process, in order, and loses them when a test says so. */
export class FakeNats {
  readonly #buses: FakeBus[] = [];
  readonly #queue: (() => void)[] = [];
  #inboxes = 0;
  /** Whether a message gets from one node to another. */
  reaches: (from: string, to: string) => boolean = () => true;

  /** A connection of a node. */
  connect(node: string): FakeBus {
    const bus = new FakeBus(this, node);
    this.#buses.push(bus);
    return bus;
  }

  /** A subject that nobody else uses. */
  inbox(): string {
    return `inbox.${this.#inboxes++}`;
  }

  /** Delivers a message; returns whether anybody has subscribed. */
  send(from: FakeBus, subject: string, data: Uint8Array, reply: string): void {
    const bytes = data.slice();
    this.#queue.push(() => {
      const takers = this.#takersOf(from, subject);
      for (const take of takers) {
        take({ data: bytes, reply, hasNoResponders: false });
      }
      if (takers.length > 0 || reply === "" || !from.isConnected) return;
      const none = { data: new Uint8Array(), reply: "", hasNoResponders: true };
      for (const take of from.takersOf(reply)) take(none);
    });
  }

  /** Delivers everything that was sent, and what is sent because of it. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 20; quiet++) {
      const next = this.#queue.shift();
      if (next) quiet = 0;
      next?.();
      await Promise.resolve();
    }
  }

  #takersOf(from: FakeBus, subject: string): Take[] {
    return this.#buses.filter((bus) =>
      bus !== from && bus.isConnected && from.isConnected &&
      (bus.node === from.node || this.reaches(from.node, bus.node))
    ).flatMap((bus) => bus.takersOf(subject));
  }
}

/** A connection to a {@linkcode FakeNats}. */
export class FakeBus implements Bus {
  /** The node that it belongs to. */
  readonly node: string;
  #isConnected = true;
  connects = 1;
  /** Set by a test. */
  isFull = false;
  /** Messages sent so far. */
  sent = 0;
  readonly #sentTo: Map<string, number> = new Map();
  readonly #nats: FakeNats;
  readonly #takers: Map<string, Set<Take>> = new Map();
  readonly #waiting: (() => void)[] = [];

  /** Not made by tests; see {@linkcode FakeNats.connect}. */
  constructor(nats: FakeNats, node: string) {
    this.#nats = nats;
    this.node = node;
  }

  /** Set by a test. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  set isConnected(isConnected: boolean) {
    if (isConnected && !this.#isConnected) this.connects++;
    this.#isConnected = isConnected;
  }

  publish(subject: string, data: Uint8Array, reply = ""): void {
    if (!this.isConnected) return;
    this.sent++;
    this.#sentTo.set(subject, (this.#sentTo.get(subject) ?? 0) + 1);
    this.#nats.send(this, subject, data, reply);
  }

  subscribe(subject: string, take: Take): () => void {
    const takers = this.#takers.get(subject) ?? new Set();
    this.#takers.set(subject, takers.add(take));
    return () => void takers.delete(take);
  }

  async request(
    subject: string,
    data: Uint8Array,
  ): Promise<Uint8Array | "no-responders" | "late"> {
    if (!this.isConnected) return "late";
    const { promise, resolve } = Promise.withResolvers<
      Uint8Array | "no-responders"
    >();
    const inbox = this.#nats.inbox();
    const end = this.subscribe(inbox, (message) => {
      resolve(message.hasNoResponders ? "no-responders" : message.data.slice());
    });
    this.publish(subject, data, inbox);
    const answer = await promise;
    end();
    return answer;
  }

  whenFree(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets those continue that wait because it was full. */
  free(): void {
    this.isFull = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Messages sent so far to subjects that begin so. */
  sentTo(begin: string): number {
    return [...this.#sentTo].reduce(
      (sum, [subject, count]) => subject.startsWith(begin) ? sum + count : sum,
      0,
    );
  }

  /** Who has subscribed to a subject. */
  takersOf(subject: string): Take[] {
    return [...this.#takers.get(subject) ?? []];
  }
}
