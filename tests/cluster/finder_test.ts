import { assert, assertEquals, assertRejects } from "@std/assert";
import { Finder } from "../../lib/cluster/finder.ts";
import { Refusal } from "../../lib/errors.ts";
import { broadcast, send, taken, TestCluster, watch } from "./nodes.ts";

/** Milliseconds between two attempts of a player that polls. */
const POLL_MS = 250;

Deno.test("Finder asks for a channel that no node has once a second, however many poll it", async () => {
  using cluster = new TestCluster(2);
  const node = cluster.nodes[1]!;
  for (let poll = 0; poll < 40; poll++) {
    for (let watcher = 0; watcher < 5; watcher++) {
      await assertRejects(() => watch(cluster, node), Refusal, "not live");
    }
    await cluster.pass(POLL_MS);
  }
  const asked = node.control.sentTo("fs.find.");
  assert(asked >= 9 && asked <= 11, `asked ${asked} times in 10 s`);
});

Deno.test("Finder knows of a channel as soon as it goes live at another node", async () => {
  using cluster = new TestCluster(2);
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  await assertRejects(() => watch(cluster, b), Refusal, "not live");
  const publisher = broadcast(a);
  send(publisher, 1, 2);
  await cluster.settle();
  assertEquals(taken(await watch(cluster, b)), [1, 2]);
});

Deno.test("Finder does not remember an answer that an announcement has made out of date", async () => {
  using cluster = new TestCluster(2);
  const { context, control } = cluster.nodes[1]!;
  const finder = new Finder(context);
  const asking = finder.find("key");
  finder.announced("key");
  await cluster.settle();
  assertEquals(await asking, undefined);
  assertEquals(finder.missing, 0);
  const again = finder.find("key");
  await cluster.settle();
  await again;
  assertEquals([finder.missing, control.sentTo("fs.find.")], [1, 2]);
});

Deno.test("Finder remembers no answer while there is no connection", async () => {
  using cluster = new TestCluster(2);
  const { context, control } = cluster.nodes[1]!;
  control.isConnected = false;
  const finder = new Finder(context);
  assertEquals(await finder.find("key"), undefined);
  assertEquals(finder.missing, 0);
});

Deno.test("Finder remembers a limited number of channels, and only for a second", async () => {
  using cluster = new TestCluster(2);
  const { context, control } = cluster.nodes[1]!;
  const finder = new Finder(context);
  for (let guess = 0; guess < 2500; guess++) {
    const asking = finder.find(`key${guess}`);
    await cluster.settle();
    await asking;
  }
  assertEquals(finder.missing, 2000);
  // The newest are remembered, the oldest are asked for again.
  await finder.find("key2499");
  assertEquals(control.sentTo("fs.find."), 2500);
  const asking = finder.find("key0");
  await cluster.settle();
  await asking;
  assertEquals(control.sentTo("fs.find."), 2501);
  cluster.now += 1000;
  finder.tick(cluster.now);
  assertEquals(finder.missing, 0);
});
