/**
 * What docs/cluster.md promises where the network is parted: no connection closes, and no byte arrives.
 *
 * @module
 */
import { assertEquals, assertLess } from "@std/assert";
import { eventually } from "../helpers/eventually.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { startTestServer } from "../helpers/start_server.ts";
import {
  assertBytes,
  Broadcaster,
  Busy,
  follow,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { freePort, NatsProcess, needsNats } from "./nats_process.ts";
import { SilentProxy } from "./silent_proxy.ts";

/** Milliseconds that the network is parted: longer than it takes to notice, shorter than the grace period. */
const PARTED_MS = 5000;

/** Milliseconds without a byte that a busy machine may add. */
const SLACK_MS = 1000;

/** Nodes of which some reach NATS over a proxy each. */
async function nodesOver(ports: readonly number[]): Promise<Nodes> {
  const servers = ports.map((port, index) =>
    startTestServer({
      config: { nats: [`nats://127.0.0.1:${port}`], node: `n${index}` },
    })
  );
  const nodes = new Nodes(await Promise.all(servers));
  for (const { log } of nodes.all) await log.wait("cluster-up");
  return nodes;
}

Deno.test({
  ...needsNats(
    "the broadcaster's server is parted from NATS: others hold the channel, and then receive everything",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using proxy = await SilentProxy.start(nats.port);
    await using nodes = await nodesOver([proxy.port, nats.port]);
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const following = [0, 1].map(async (index) =>
      await follow(await watch(nodes.at(index)))
    );
    await pause(300);
    const partedAt = performance.now();
    proxy.part();
    const { hub } = nodes.at(1).server;
    await eventually(
      "the channel is held",
      () => hub.find("fier", "default")?.state === "held",
    );
    assertLess(performance.now() - partedAt, 4000 + SLACK_MS);
    await pause(PARTED_MS - (performance.now() - partedAt));
    proxy.heal();
    await eventually(
      "it is live again",
      () => hub.find("fier", "default")?.state === "live",
    );
    await busy.stop();
    await live.peer.text("end");
    const [local, remote] = await Promise.all(following);
    assertEquals([local!.end, remote!.end], [live.next, live.next]);
    assertLess(local!.pause, SLACK_MS);
  },
});

Deno.test({
  ...needsNats(
    "a server that serves watchers is parted from NATS: its watchers receive everything afterwards",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using proxy = await SilentProxy.start(nats.port);
    await using nodes = await nodesOver([nats.port, proxy.port, nats.port]);
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const following = nodes.all.map(async (node) =>
      await follow(await watch(node))
    );
    await pause(300);
    proxy.part();
    await pause(PARTED_MS);
    proxy.heal();
    await nodes.at(1).log.wait("cluster-up", 2);
    await busy.stop();
    await live.peer.text("end");
    const [local, parted, other] = await Promise.all(following);
    assertEquals(
      [local!.end, parted!.end, other!.end],
      [live.next, live.next, live.next],
    );
    assertLess(local!.pause, SLACK_MS);
    assertLess(other!.pause, SLACK_MS);
  },
});

Deno.test({
  ...needsNats(
    "two NATS servers are parted from each other: watchers receive everything afterwards",
  ),
  fn: async () => {
    const route = freePort();
    const clustered = (at: number, ...more: string[]): NatsProcess =>
      new NatsProcess(freePort(), [
        ...["--cluster_name", "c", "--cluster", `nats://127.0.0.1:${at}`],
        ...["--no_advertise", ...more],
      ]);
    await using one = clustered(route);
    await one.run();
    await using proxy = await SilentProxy.start(route);
    const routes = `nats://127.0.0.1:${proxy.port}`;
    await using other = clustered(freePort(), "--routes", routes);
    await other.run();
    await using nodes = await nodesOver([one.port, other.port]);
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const following = follow(await watch(nodes.at(1)));
    await pause(300);
    proxy.part();
    await pause(PARTED_MS);
    proxy.heal();
    const { hub } = nodes.at(1).server;
    await eventually(
      "the channel is live",
      () => hub.find("fier", "default")?.state === "live",
    );
    await busy.stop();
    await live.peer.text("end");
    assertEquals((await following).end, live.next);
  },
});

Deno.test({
  ...needsNats(
    "the broadcaster's server is frozen: others hold the channel, and then receive everything",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 1);
    await using origin = await ServeProcess.start(["--nats", nats.url]);
    await origin.log.wait("cluster-up");
    using live = await Broadcaster.start({ address: await origin.address() });
    await live.send(3000);
    const { peer } = await watch(nodes.at(0));
    using _peer = peer;
    await assertBytes(peer, 0, 3000);
    const frozenAt = performance.now();
    Deno.kill(origin.pid, "SIGSTOP");
    await live.send(100_000);
    const { hub } = nodes.at(0).server;
    await eventually(
      "the channel is held",
      () => hub.find("fier", "default")?.state === "held",
    );
    assertLess(performance.now() - frozenAt, 4000 + SLACK_MS);
    await pause(1500);
    Deno.kill(origin.pid, "SIGCONT");
    await live.send(1000);
    await assertBytes(peer, 3000, 101_000);
  },
});
