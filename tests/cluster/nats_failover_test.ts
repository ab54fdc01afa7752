/**
 * What docs/cluster.md promises where NATS fails under a busy broadcast, and of watchers that arrive meanwhile.
 *
 * @module
 */
import { assertEquals, assertLess } from "@std/assert";
import {
  assertBytes,
  Broadcaster,
  Busy,
  follow,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { NatsCluster, NatsProcess, needsNats } from "./nats_process.ts";

/** Milliseconds without a byte that a busy machine may add. */
const SLACK_MS = 1000;

for (const [index, whose] of ["broadcaster", "watchers"].entries()) {
  Deno.test({
    ...needsNats(
      `one of two NATS servers is killed, that of the ${whose}: others notice nothing, and nothing is lost`,
    ),
    fn: async () => {
      await using nats = await NatsCluster.start();
      // Each is told of one server only, and learns of the other one.
      await using nodes = await Nodes.start(nats.all, 2);
      using live = await Broadcaster.start(nodes.at(0));
      const busy = new Busy(live);
      const at = [await watch(nodes.at(0)), await watch(nodes.at(1))];
      const following = at.map(follow);
      await pause(500);
      await nats.all[index]!.kill();
      await pause(2500);
      await busy.stop();
      await live.peer.text("end");
      const [local, remote] = await Promise.all(following);
      assertEquals([local!.end, remote!.end], [live.next, live.next]);
      assertEquals([local!.reason, remote!.reason], ["ended", "ended"]);
      assertLess(local!.pause, SLACK_MS);
      // Docs promise less than a second.
      assertLess(remote!.pause, 1000 + SLACK_MS);
      const downs = nodes.all.map(({ log }) => log.total("cluster-down"));
      assertEquals(downs[1 - index], 0);
      assertEquals(downs[index]! > 0, true, "its server was the one");
      // The library has found the other server.
      const ups = nodes.all.map(({ log }) => log.total("cluster-up"));
      assertEquals([ups[index], ups[1 - index]], [2, 1]);
    },
  });
}

Deno.test({
  ...needsNats(
    "both NATS servers are killed one after the other, and come back",
  ),
  fn: async () => {
    await using nats = await NatsCluster.start();
    await using nodes = await Nodes.start(nats.all, 2);
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const following = follow(await watch(nodes.at(1)));
    for (const each of [...nats.all, ...nats.all]) {
      await each.kill();
      await pause(700);
      await each.run();
      await pause(300);
    }
    await pause(500);
    await busy.stop();
    await live.peer.text("end");
    assertEquals((await following).end, live.next);
  },
});

Deno.test({
  ...needsNats(
    "a watcher that arrives while NATS is away gets what its server has, then all",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(5000);
    const first = await watch(nodes.at(1));
    await assertBytes(first.peer, 0, 5000);
    await nats.kill();
    await nodes.at(1).log.wait("cluster-down");
    await live.send(3000);
    const late = await watch(nodes.at(1));
    assertEquals([late.id, late.offset], [live.id, 0]);
    await assertBytes(late.peer, 0, 5000);
    await nats.run();
    for (const { peer } of [first, late]) {
      await assertBytes(peer, 5000, 3000);
      peer.close();
    }
  },
});
