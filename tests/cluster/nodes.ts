import { secretsEqual } from "../../lib/auth/passwords/secrets.ts";
import { zeroCounts } from "../../lib/cluster/counts.ts";
import type { ClusterContext } from "../../lib/cluster/context.ts";
import { Ownership } from "../../lib/cluster/ownership.ts";
import { Roster } from "../../lib/cluster/roster.ts";
import { Subjects } from "../../lib/cluster/subjects.ts";
import { entryOf } from "../../lib/hub/entry_point.ts";
import { Hub, type HubOptions } from "../../lib/hub/hub.ts";
import type { Publisher } from "../../lib/hub/publisher.ts";
import type { Watcher } from "../../lib/hub/watcher.ts";
import { chunkTracker } from "../../lib/media/raw.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { drain } from "../hub/scripted_media.ts";
import { type FakeBus, FakeNats } from "./fake_bus.ts";

/** Milliseconds between two ticks. */
export const TICK_MS = 250;

/** One node: a hub and its part of the cluster. */
export interface TestNode {
  readonly name: string;
  readonly hub: Hub;
  readonly ownership: Ownership;
  readonly roster: Roster;
  readonly control: FakeBus;
  readonly media: FakeBus;
  readonly context: ClusterContext;
  readonly events: string[];
}

/** What a test cluster is made of. */
export interface TestClusterOptions {
  /** Milliseconds that the wall clock of each node is wrong. */
  readonly clocks?: readonly number[];
  /** What the hubs are limited to. */
  readonly hub?: Partial<HubOptions>;
}

/** Some nodes over a {@linkcode FakeNats}, whose time passes when a test says so. */
export class TestCluster implements Disposable {
  /** The nodes. */
  readonly nodes: readonly TestNode[];
  /** What carries their messages. */
  readonly nats = new FakeNats();
  /** Milliseconds on every node's clock. */
  now = 1_000_000;

  /** Starts a number of nodes. */
  constructor(count: number, options: TestClusterOptions = {}) {
    this.nodes = Array.from(
      { length: count },
      (_, index) =>
        this.#start(`n${index}`, options.clocks?.[index] ?? 0, options),
    );
  }

  /** Delivers all messages. */
  async settle(): Promise<void> {
    await this.nats.settle();
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= TICK_MS) {
      this.now += TICK_MS;
      for (const { hub, ownership, roster } of this.nodes) {
        hub.tick();
        ownership.tick();
        roster.tick(ownership);
      }
      await this.settle();
    }
  }

  [Symbol.dispose](): void {
    for (const { hub, ownership } of this.nodes) {
      hub.close();
      ownership.close();
    }
  }

  #start(name: string, wrongBy: number, options: TestClusterOptions): TestNode {
    const events: string[] = [];
    const logger = { log: (event: string) => void events.push(event) };
    const now = (): number => this.now;
    const hub = new Hub({
      backlogBytes: 8 * 1024 * 1024,
      graceSeconds: 60,
      channelsPerUser: 10,
      watchersPerChannel: 10,
      burstSeconds: 0,
      sameSecret: secretsEqual,
      now,
      ...options.hub,
    }, logger);
    const control = this.nats.connect(name);
    const media = this.nats.connect(name);
    const context: ClusterContext = {
      ...{ node: name, hub, logger, now, trackerFor, entryOf },
      buses: { control, media },
      subjects: new Subjects("fs"),
      counts: zeroCounts(),
      sameSecret: secretsEqual,
    };
    const own = { name, address: "", describe: () => undefined };
    const roster = new Roster(context, own, (live) => ownership.hear(live));
    const wallClock = (): number => this.now + wrongBy;
    const ownership = new Ownership(context, roster, wallClock);
    hub.elsewhere = ownership;
    return { name, hub, ownership, roster, control, media, context, events };
  }
}

/** Broadcasts at a node, records of that many bytes. */
export function broadcast(
  { hub }: TestNode,
  onRevoked: (why: string, cause: string) => void = () => {},
  channelPassword = "",
): Publisher {
  const hints = { bufsize: 0, format: "raw" };
  return hub.publish({
    ...{ user: "fier", channel: "default", channelPassword, hints, hold: 0 },
    tracker: chunkTracker(0),
    onRevoked,
  });
}

/** Watches at a node. */
export async function watch(
  cluster: TestCluster,
  { hub }: TestNode,
  options: { wait?: number; resume?: { id: string; offset: number } } = {},
): Promise<Watcher> {
  const found = hub.waitFor({
    ...{ user: "fier", channel: "default", wait: 0 },
    signal: new AbortController().signal,
    ...options,
  });
  found.catch(() => {});
  await cluster.settle();
  const { channel, since } = await found;
  return hub.join(channel, { start: "oldest", burst: 0, since, ...options });
}

/** What a watcher is sent now. */
export function taken({ cursor }: Watcher): number[] {
  return [...drain(cursor, 1_000_000).bytes];
}

/** Appends bytes. */
export function send(publisher: Publisher, ...values: number[]): void {
  publisher.append(new Uint8Array(values));
}

/** The nodes that own the channel and are live. */
export function owners(cluster: TestCluster): string[] {
  return cluster.nodes.filter(({ ownership }) =>
    ownership.owned.some(({ isLive }) => isLive)
  ).map(({ name }) => name);
}
