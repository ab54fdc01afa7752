import { assert, assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../lib/errors.ts";
import { broadcast, owners, send, taken, TestCluster, watch } from "./nodes.ts";

Deno.test("a channel is watched at a node that does not receive it", async () => {
  using cluster = new TestCluster(2);
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  const publisher = broadcast(a);
  send(publisher, 1, 2, 3);
  const watcher = await watch(cluster, b);
  assertEquals(taken(watcher), [1, 2, 3]);
  send(publisher, 4, 5);
  await cluster.settle();
  assertEquals(taken(watcher), [4, 5]);
  assertEquals(watcher.cursor.position, {
    id: publisher.broadcast.id,
    offset: 5,
  });
  publisher.end("clean");
  await cluster.settle();
  assertEquals(watcher.cursor.next(), "end");
  assertEquals(watcher.channel.howEnded, "ended");
});

Deno.test("nothing is sent while no other node watches", async () => {
  using cluster = new TestCluster(2);
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  const publisher = broadcast(a);
  send(publisher, 1);
  await cluster.pass(5000);
  assertEquals(a.media.sent, 0);
  const watcher = await watch(cluster, b);
  watcher.leave();
  await cluster.pass(11_000);
  assertEquals(b.hub.channels().length, 0, "it is not fed any more");
  await cluster.pass(30_000);
  const { sent } = a.media;
  send(publisher, 2);
  await cluster.pass(1000);
  assertEquals(a.media.sent, sent);
});

Deno.test("a watcher that waits is let in when the channel goes live elsewhere", async () => {
  using cluster = new TestCluster(2);
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  const waiting = watch(cluster, b, { wait: 60 });
  await cluster.settle();
  const publisher = broadcast(a);
  send(publisher, 7, 8);
  await cluster.settle();
  assertEquals(taken(await waiting), [7, 8]);
  await assertRejects(
    () =>
      watch(cluster, cluster.nodes[0]!, { wait: 0 }).then(() => {
        throw new Refusal("busy", "it was found");
      }),
    Refusal,
    "it was found",
  );
});

Deno.test("a newer broadcast at another node takes the channel over", async () => {
  using cluster = new TestCluster(3);
  const [a, b, c] = [cluster.nodes[0]!, cluster.nodes[1]!, cluster.nodes[2]!];
  const causes: string[] = [];
  const first = broadcast(a, (_, cause) => void causes.push(cause));
  send(first, 1, 2);
  const watchers = await Promise.all([a, b, c].map((n) => watch(cluster, n)));
  assertEquals(watchers.map(taken), [[1, 2], [1, 2], [1, 2]]);
  const second = broadcast(b);
  await cluster.settle();
  send(second, 3, 4);
  await cluster.settle();
  assertEquals(watchers.map(taken), [[3, 4], [3, 4], [3, 4]]);
  assertEquals(causes, ["taken-over"]);
  assertEquals(owners(cluster), ["n1"]);
});

Deno.test("a broadcaster without watchers at its node is told when it is taken over", async () => {
  using cluster = new TestCluster(2);
  const causes: string[] = [];
  broadcast(cluster.nodes[0]!, (_, cause) => void causes.push(cause));
  await cluster.settle();
  broadcast(cluster.nodes[1]!);
  await cluster.settle();
  assertEquals(causes, ["taken-over"]);
  assertEquals(cluster.nodes[0]!.hub.channels(), []);
});

Deno.test("a broadcaster continues at another node, byte by byte", async () => {
  using cluster = new TestCluster(3);
  const [a, b, c] = [cluster.nodes[0]!, cluster.nodes[1]!, cluster.nodes[2]!];
  const first = broadcast(a);
  send(first, 1, 2, 3);
  const watchers = await Promise.all([a, c].map((n) => watch(cluster, n)));
  const { secret, id } = first.broadcast;
  const user = "fier";
  const channel = "default";
  const isRight = async (given: string): Promise<boolean> => {
    const possible = b.hub.resumeCheck.isPossible(user, channel);
    await cluster.settle();
    assert(await possible);
    const right = b.hub.resumeCheck.isRight(user, channel, given);
    await cluster.settle();
    return await right;
  };
  assertEquals(await isRight("0".repeat(32)), false);
  send(first, 4);
  assertEquals(await isRight(secret), true);
  const second = b.hub.resume({ user, channel, onRevoked: () => {} });
  assertEquals([second.broadcast.id, second.bytes], [id, 4]);
  await cluster.settle();
  send(second, 5, 6);
  await cluster.settle();
  assertEquals(watchers.map(taken), [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]);
  assertEquals(watchers.map(({ cursor }) => cursor.begun), [1, 1]);
  assertEquals(owners(cluster), ["n1"]);
  // A watcher that was at the first node continues at any other.
  const resumed = await watch(cluster, c, { resume: { id, offset: 2 } });
  assertEquals(taken(resumed), [3, 4, 5, 6]);
});

Deno.test("a channel whose node died is held, and continues where its broadcaster comes back", async () => {
  using cluster = new TestCluster(3);
  const [a, b, c] = [cluster.nodes[0]!, cluster.nodes[1]!, cluster.nodes[2]!];
  const first = broadcast(a);
  send(first, 1, 2);
  const watcher = await watch(cluster, b);
  taken(watcher);
  for (const bus of [a.control, a.media]) bus.isConnected = false;
  await cluster.pass(2000);
  assertEquals(watcher.channel.state, "live");
  await cluster.pass(2500);
  assertEquals(watcher.channel.state, "held");
  const second = broadcast(c);
  send(second, 3);
  await cluster.settle();
  assertEquals(taken(watcher), [3]);
  assertEquals(watcher.channel.state, "live");
});

Deno.test("after a partition the newer broadcast stays, and all watch it", async () => {
  using cluster = new TestCluster(2, { clocks: [3_600_000, -3_600_000] });
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  for (const bus of [b.control, b.media]) bus.isConnected = false;
  await cluster.pass(250);
  const first = broadcast(a);
  const second = broadcast(b);
  const watchers = [await watch(cluster, a), await watch(cluster, b)];
  for (const bus of [b.control, b.media]) bus.isConnected = true;
  await cluster.pass(500);
  assertEquals(owners(cluster), ["n0"]);
  send(first, 5);
  send(second, 6);
  await cluster.settle();
  assertEquals(watchers.map(taken), [[5], [5]]);
});

Deno.test("what was lost while NATS was away is asked for again", async () => {
  using cluster = new TestCluster(2);
  const [a, b] = [cluster.nodes[0]!, cluster.nodes[1]!];
  const publisher = broadcast(a);
  send(publisher, 1);
  const watcher = await watch(cluster, b);
  assertEquals(taken(watcher), [1]);
  cluster.nats.reaches = () => false;
  send(publisher, 2, 3);
  await cluster.settle();
  cluster.nats.reaches = () => true;
  send(publisher, 4);
  await cluster.pass(1250);
  assertEquals(taken(watcher), [2, 3, 4]);
  assertEquals(watcher.cursor.begun, 1);
});
