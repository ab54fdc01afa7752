/**
 * What happens at any server is told to those who follow at any other.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { EventExchange } from "../../lib/cluster/event_exchange.ts";
import { silentLogger } from "../../lib/logger.ts";
import { EventFeed, type FeedEvent } from "../../lib/web/event_feed.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import { Broadcaster, Nodes, pause, watch } from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";
import { TestCluster } from "./nodes.ts";

/** Nodes with feeds that share their events; time passes when a test says so. */
function feeds(count: number): {
  readonly cluster: TestCluster;
  readonly feeds: readonly EventFeed[];
  readonly pass: (ms: number) => Promise<void>;
} {
  const cluster = new TestCluster(count);
  const feeds = cluster.nodes.map(() => new EventFeed(silentLogger));
  const exchanges = cluster.nodes.map(({ context, name }, index) =>
    new EventExchange(context, name, feeds[index]!)
  );
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await cluster.pass(500);
      for (const exchange of exchanges) exchange.tick();
      await cluster.settle();
    }
  };
  return { cluster, feeds, pass };
}

function follow(feed: EventFeed): { told: FeedEvent[]; end: Disposable } {
  const told: FeedEvent[] = [];
  const onEvent = (event: FeedEvent): void => void told.push(event);
  const end = feed.subscribe({ user: "fier", onEvent, onClose: () => {} });
  return { told, end };
}

Deno.test("EventExchange sends events as long as somebody follows elsewhere, and no others", async () => {
  const { cluster, feeds: [a, b, c], pass } = feeds(3);
  using _cluster = cluster;
  await pass(3000);
  const sent = (): number => cluster.nodes[0]!.control.sent;
  const before = sent();
  a!.log("broadcast-start", { user: "fier", channel: "x" });
  assertEquals([sent() - before, a!.onEvent], [0, undefined]);
  const { told, end } = follow(b!);
  await cluster.settle();
  a!.log("broadcast-start", { user: "fier", channel: "hall" });
  c!.log("watch-start", { user: "fier", watcher: 7 });
  b!.log("channel-end", { user: "fier" });
  a!.log("refused", { user: "fier" });
  await cluster.settle();
  assertEquals(
    told.map(({ event, node }) => `${event} ${node}`).sort(),
    ["ended n1", "live n0", "watch-start n2"],
  );
  assertEquals(told.find(({ node }) => node === "n0")!.channel, "hall");
  await pass(30_000);
  a!.log("broadcast-start", { user: "fier" });
  await cluster.settle();
  assertEquals(told.length, 4, "it still follows");
  end[Symbol.dispose]();
  await pass(8000);
  assertEquals([a!.onEvent, c!.onEvent], [undefined, undefined]);
});

Deno.test("EventFeed.hear() hands on events alone, whatever another node sends", async () => {
  const { cluster, feeds: [a, b], pass } = feeds(2);
  using _cluster = cluster;
  const { told } = follow(b!);
  await pass(500);
  const good = { event: "live", time: "2026-11-21T00:00:00Z", user: "fier" };
  const odd = [
    ...[{ ...good, user: 7 }, { ...good, event: "refused" }, {}],
    ...[{ ...good, time: 1 }, { ...good, more: { deep: 1 } }],
    ...[{ ...good, event: "stats" }, { ...good, list: [] }],
  ];
  for (const event of [...odd, good]) b!.hear(event);
  assertEquals(told, [good]);
  cluster.nodes[0]!.control.isFull = true;
  a!.log("broadcast-start", { user: "fier" });
  await cluster.settle();
  assertEquals(told.length, 1, "a NATS that stalls loses events");
});

Deno.test({
  ...needsNats("fstream events at one server tells what happens at the others"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3);
    const { address } = nodes.at(2);
    const query = "events=live,ended,watch-start,watch-end,held";
    const answer = await fetch(
      `http://${address.host}:${address.port}/api/events?${query}`,
      { headers: { authorization: `Basic ${btoa(`fier:${PASSWORD}`)}` } },
    );
    await pause(500); // Until the others have heard that somebody follows.
    const live = await Broadcaster.start(nodes.at(0), ",channel=hall");
    await live.send(1000);
    const { peer } = await watch(nodes.at(1), ",channel=hall,start=oldest");
    peer.close();
    // Only what cannot be sent tells that it has left.
    for (let sent = 0; sent < 50; sent++) {
      await live.send(1000);
      await pause(20);
      if (nodes.at(1).log.named("watch-end").length > 0) break;
    }
    live.peer.close();
    await nodes.at(0).log.wait("channel-hold");
    const told: string[] = [];
    const reader = answer.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    for (let text = ""; told.length < 4;) {
      const { value = "" } = await reader.read();
      const blocks = (text + value).split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const [, data] = /\ndata: (.*)$/.exec(block) ?? [];
        if (!data) continue;
        const { event, node, channel } = JSON.parse(data);
        told.push(`${event} ${channel} ${node}`);
      }
    }
    await reader.cancel();
    assertEquals(told, [
      "live hall n0",
      "watch-start hall n1",
      "watch-end hall n1",
      "held hall n0",
    ]);
  },
});
