/**
 * What docs/cluster.md promises of each failure, with a real NATS: bytes tell their place, so that a lost, doubled or
 * wrong one is noticed.
 *
 * @module
 */
import { assertEquals, assertLess } from "@std/assert";
import { eventually } from "../helpers/eventually.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import {
  assertBytes,
  Broadcaster,
  healthOf,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import {
  freePort,
  NatsCluster,
  NatsProcess,
  needsNats,
} from "./nats_process.ts";

Deno.test({
  ...needsNats("NATS is killed and comes back: nothing is lost"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(50_000);
    const { peer } = await watch(nodes.at(1));
    using local = (await watch(nodes.at(0))).peer;
    using _peer = peer;
    await assertBytes(peer, 0, 50_000);
    await nats.kill();
    await live.send(400_000);
    await assertBytes(local, 0, 450_000);
    await pause(2000);
    await nats.run();
    await live.send(10_000);
    await assertBytes(peer, 50_000, 410_000);
    await live.peer.text("end");
    assertEquals((await peer.messageOf("end")).get("reason"), "ended");
  },
});

Deno.test({
  ...needsNats("NATS is away for longer than the backlog: the loss is stated"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2, { backlog: 512 * 1024 });
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(50_000);
    const { peer, id } = await watch(nodes.at(1));
    using _peer = peer;
    await assertBytes(peer, 0, 50_000);
    await nats.kill();
    await live.send(2_000_000);
    await live.peer.messageOf("received");
    await nats.run();
    const jump = await peer.messageOf("jump");
    assertEquals([jump.get("id"), jump.get("reason")], [id, "lag"]);
    const offset = Number(jump.get("offset"));
    assertEquals(Number(jump.get("lost")), offset - 50_000);
    assertEquals(offset % 1000, 0);
    await assertBytes(peer, offset, 2_050_000 - offset);
    await nodes.at(1).log.wait("feed-jump");
  },
});

Deno.test({
  ...needsNats(
    "NATS is frozen: nothing is lost, and another server takes its place",
  ),
  fn: async () => {
    await using cluster = await NatsCluster.start();
    const [one, other] = [cluster.all[0]!, cluster.all[1]!];
    await using nodes = await Nodes.start([one, other], 2);
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(5000);
    const { peer } = await watch(nodes.at(1));
    using _peer = peer;
    await assertBytes(peer, 0, 5000);
    one.signal("SIGSTOP");
    const frozenAt = performance.now();
    await live.send(5000);
    await pause(4000); // Two pings of a second, and the way to the other server.
    await assertBytes(peer, 5000, 5000);
    assertLess(performance.now() - frozenAt, 9000);
    one.signal("SIGCONT");
    await other.kill();
    await live.send(7000);
    await assertBytes(peer, 10_000, 7000);
  },
});

Deno.test({
  ...needsNats(
    "a server is killed: its channel is held, and ends after the grace period",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 1, { grace: 1 });
    await using origin = await ServeProcess.start(["--nats", nats.url]);
    await origin.log.wait("cluster-up");
    const address = await origin.address();
    using live = await Broadcaster.start({ address });
    await live.send(3000);
    const { peer } = await watch(nodes.at(0));
    using _peer = peer;
    await assertBytes(peer, 0, 3000);
    const killedAt = performance.now();
    await origin.stop("SIGKILL");
    const hub = nodes.at(0).server.hub;
    await eventually(
      "the channel is held",
      () => hub.find("fier", "default")?.state !== "live",
    );
    assertLess(performance.now() - killedAt, 4500);
    const end = await peer.messageOf("end");
    assertEquals(end.get("reason"), "broken");
  },
});

Deno.test({
  ...needsNats(
    "a server is killed: its watchers continue with what its broadcaster sends elsewhere",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    await using origin = await ServeProcess.start(["--nats", nats.url]);
    await origin.log.wait("cluster-up");
    using first = await Broadcaster.start({ address: await origin.address() });
    await first.send(3000);
    const { peer, id } = await watch(nodes.at(0));
    using _peer = peer;
    await assertBytes(peer, 0, 3000);
    await origin.stop("SIGKILL");
    // Its client asks for the lost broadcast first; nobody can tell, so it begins one that continues from there.
    using refused = await FramedPeer.connect(
      nodes.at(1).address,
      `broadcast,user=fier,resume=${first.secret}`,
    );
    assertEquals((await refused.messageOf("error")).get("code"), "denied");
    using second = await Broadcaster.start(
      nodes.at(1),
      `,continues=${id}:3000`,
    );
    await second.send(2000);
    const jump = await peer.messageOf("jump");
    assertEquals(jump.get("id"), second.id);
    await assertBytes(peer, 0, 2000 - Number(jump.get("offset")));
    assertEquals(nodes.at(1).log.total("refused"), 1);
  },
});

Deno.test({
  ...needsNats("a server that serves watchers is frozen: nothing is lost"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 1);
    await using edge = await ServeProcess.start(["--nats", nats.url]);
    await edge.log.wait("cluster-up");
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(3000);
    const { peer } = await watch({ address: await edge.address() });
    using _peer = peer;
    await assertBytes(peer, 0, 3000);
    Deno.kill(edge.pid, "SIGSTOP");
    await live.send(200_000);
    await pause(4500);
    Deno.kill(edge.pid, "SIGCONT");
    await live.send(1000);
    await assertBytes(peer, 3000, 201_000);
  },
});

Deno.test({
  ...needsNats(
    "both sides broadcast while NATS is away: then all watch the newer one",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    await nats.kill();
    using first = await Broadcaster.start(nodes.at(0));
    await pause(20); // The order is that of the clock.
    using second = await Broadcaster.start(nodes.at(1));
    await first.send(1000);
    await second.send(2000);
    const at = await watch(nodes.at(0));
    using _peer = at.peer;
    assertEquals(at.id, first.id);
    await assertBytes(at.peer, 0, 1000);
    await nats.run();
    const jump = await at.peer.messageOf("jump");
    assertEquals(jump.get("id"), second.id);
    const end = await first.peer.messageOf("end");
    assertEquals(end.get("reason"), "taken-over");
    await second.send(1000);
    const offset = Number(jump.get("offset"));
    await assertBytes(at.peer, offset, 3000 - offset);
  },
});

Deno.test({
  ...needsNats("a server without NATS serves alone, says so, and joins later"),
  fn: async () => {
    const port = freePort();
    await using nats = new NatsProcess(port, []);
    await using alone = await ServeProcess.start(["--nats", nats.url]);
    const address = await alone.address();
    await alone.log.wait("cluster-down");
    assertEquals(await healthOf({ address }), "ok, but without NATS");
    using live = await Broadcaster.start({ address });
    await live.send(1000);
    const own = await watch({ address });
    using _own = own.peer;
    await assertBytes(own.peer, 0, 1000);
    await nats.run();
    await alone.log.wait("cluster-up");
    assertEquals(await healthOf({ address }), "ok");
    await using nodes = await Nodes.start(nats, 1);
    const { peer } = await watch(nodes.at(0));
    using _peer = peer;
    await assertBytes(peer, 0, 1000);
  },
});
