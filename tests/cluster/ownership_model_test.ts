/**
 * Random events on three nodes, whose clocks are wrong by up to an hour: whatever happens, once it is quiet one node
 * owns the channel, and all watch what that one receives.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Publisher } from "../../lib/hub/publisher.ts";
import type { Watcher } from "../../lib/hub/watcher.ts";
import { casesOf } from "../helpers/fast.ts";
import { seededRandom } from "../helpers/rng.ts";
import {
  broadcast,
  owners,
  send,
  taken,
  TestCluster,
  type TestNode,
  watch,
} from "./nodes.ts";

/** Runs, each with other events. */
const RUNS = casesOf(500);

/** Events of a run. */
const EVENTS = 40;

const HOUR_MS = 3_600_000;

/** Bytes that tell broadcasts apart are counted from here, in the middle of what a byte holds. */
const MARK = 100;

interface Broadcasting {
  readonly publisher: Publisher;
  readonly node: TestNode;
}

/** One run. */
class Run {
  readonly cluster: TestCluster;
  readonly #random: (below: number) => number;
  #broadcasts: Broadcasting[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const wrong = (): number => this.#random(2 * HOUR_MS) - HOUR_MS;
    const hub = { graceSeconds: 600, watchersPerChannel: 1000 };
    const clocks = [wrong(), wrong(), wrong()];
    this.cluster = new TestCluster(3, { clocks, hub });
  }

  /** Something happens. */
  async step(): Promise<string> {
    const node = this.cluster.nodes[this.#random(3)]!;
    switch (this.#random(8)) {
      case 0:
        this.#broadcasts.push({ publisher: broadcast(node), node });
        return `broadcast ${node.name}`;
      case 1:
        this.#pick()?.publisher.end("broken");
        return "break";
      case 2:
        return await this.#move(node);
      case 3:
        node.control.isConnected = node.media.isConnected = false;
        return `cut ${node.name}`;
      case 4:
        node.control.isConnected = node.media.isConnected = true;
        return `join ${node.name}`;
      case 5:
        await watch(this.cluster, node).catch(() => {});
        return `watch ${node.name}`;
      case 6:
        for (const { publisher } of this.#broadcasts) send(publisher, 1);
        await this.cluster.settle();
        return "send";
      default:
        await this.cluster.pass(this.#random(4000));
        return "pass";
    }
  }

  /** Everything is connected, and time passes. */
  async quiet(): Promise<void> {
    for (const { control, media } of this.cluster.nodes) {
      control.isConnected = media.isConnected = true;
    }
    await this.cluster.pass(10_000);
  }

  #pick(): Broadcasting | undefined {
    return this.#broadcasts[this.#random(this.#broadcasts.length || 1)];
  }

  /** A broadcaster continues at another node. */
  async #move({ hub, name }: TestNode): Promise<string> {
    const moved = this.#pick();
    if (!moved) return "nothing to move";
    const [user, channel] = ["fier", "default"];
    const { secret } = moved.publisher.broadcast;
    const { resumeCheck } = hub;
    const possible = resumeCheck.isPossible(user, channel);
    await this.cluster.settle();
    if (!await possible) return "nothing to continue";
    const right = resumeCheck.isRight(user, channel, secret).catch(() => false);
    await this.cluster.settle();
    if (!await right) return "not continued";
    try {
      hub.resume({ user, channel, onRevoked: () => {} });
    } catch {
      return "gone meanwhile";
    }
    return `move to ${name}`;
  }
}

/** Watches at every node. */
async function watchers(cluster: TestCluster): Promise<Watcher[]> {
  const all: Watcher[] = [];
  for (const node of cluster.nodes) all.push(await watch(cluster, node));
  return all;
}

Deno.test("after any events one node owns the channel, and all watch it", async () => {
  let [moved, shared] = [0, 0];
  for (let seed = 0; seed < RUNS; seed++) {
    const run = new Run(seed);
    using cluster = run.cluster;
    const story: string[] = [];
    for (let event = 0; event < EVENTS; event++) {
      story.push(await run.step());
      moved += Number(story.at(-1)!.startsWith("move to"));
    }
    await run.quiet();
    const live = owners(cluster);
    const told = `seed ${seed}: ${story.join(", ")}`;
    assert(live.length <= 1, `${live} own it; ${told}`);
    if (live.length === 0) continue;
    shared++;
    const owner = cluster.nodes.find(({ name }) => name === live[0])!;
    const channel = owner.hub.find("fier", "default")!;
    const all = await watchers(cluster);
    all.map(taken);
    const byte = MARK + seed % MARK;
    channel.append(new Uint8Array([byte]));
    await cluster.pass(2000);
    assertEquals(
      all.map((each) => taken(each).at(-1)),
      [byte, byte, byte],
      told,
    );
    const { id, receivedBytes } = channel.broadcast;
    for (const { cursor } of all) {
      assertEquals(cursor.position, { id, offset: receivedBytes }, told);
    }
  }
  assert(moved > 20, `only ${moved} broadcasters continued elsewhere`);
  assert(shared > RUNS / 4, `only ${shared} runs ended with a live channel`);
});
