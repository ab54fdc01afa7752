/**
 * What docs/cluster.md promises where a broadcaster or its server fails, comes back, or is followed by another one.
 *
 * @module
 */
import { assertEquals, assertLess } from "@std/assert";
import { eventually } from "../helpers/eventually.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import {
  assertBytes,
  Broadcaster,
  Busy,
  follow,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

/** Milliseconds that a busy machine may add. */
const SLACK_MS = 1000;

Deno.test({
  ...needsNats(
    "a broadcaster's connection breaks, and it continues two seconds later: all are held, and nothing is lost",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    using first = await Broadcaster.start(nodes.at(0));
    await first.send(7000);
    const following = [0, 1].map(async (index) =>
      await follow(await watch(nodes.at(index)))
    );
    const hubs = nodes.all.map(({ server }) => server.hub);
    const states = (): (string | undefined)[] =>
      hubs.map((hub) => hub.find("fier", "default")?.state);
    await eventually("both are live", () => `${states()}` === "live,live");
    first.peer.close();
    await eventually("both are held", () => `${states()}` === "held,held");
    await pause(2000);
    using second = await Broadcaster.resume(nodes.at(0), first.secret);
    assertEquals([second.id, second.received], [first.id, 7000]);
    await second.send(4000);
    await second.peer.text("end");
    for (const { end, reason } of await Promise.all(following)) {
      assertEquals([end, reason], [11_000, "ended"]);
    }
  },
});

Deno.test({
  ...needsNats(
    "a server is killed, and its broadcaster comes to another one later, but before the channel is held",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    await using origin = await ServeProcess.start(["--nats", nats.url]);
    await origin.log.wait("cluster-up");
    using first = await Broadcaster.start({ address: await origin.address() });
    await first.send(3000);
    const { peer } = await watch(nodes.at(0));
    using _peer = peer;
    await assertBytes(peer, 0, 3000);
    await origin.stop("SIGKILL");
    await pause(2000);
    const cameAt = performance.now();
    using second = await Broadcaster.start(nodes.at(1));
    await second.send(2000);
    const jump = await peer.messageOf("jump");
    assertLess(performance.now() - cameAt, SLACK_MS);
    assertEquals([jump.get("id"), jump.get("offset")], [second.id, "0"]);
    await assertBytes(peer, 0, 2000);
  },
});

Deno.test({
  ...needsNats(
    "a server is killed, and its broadcaster sends again what was not acknowledged: nothing comes twice",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    await using origin = await ServeProcess.start(["--nats", nats.url]);
    await origin.log.wait("cluster-up");
    using first = await Broadcaster.start({ address: await origin.address() });
    await first.send(7300);
    const at = [await watch(nodes.at(0)), await watch(nodes.at(1))];
    for (const { peer } of at) await assertBytes(peer, 0, 7300);
    await origin.stop("SIGKILL");
    const continues = `,continues=${first.id}:3000`;
    using second = await Broadcaster.start(nodes.at(1), continues);
    second.next = 3000;
    await second.send(9000);
    for (const { peer } of at) {
      const jump = await peer.messageOf("jump");
      const [id, offset, lost] = ["id", "offset", "lost"].map((key) =>
        jump.get(key)
      );
      assertEquals([id, offset, lost], [second.id, "4300", "0"]);
      await assertBytes(peer, 7300, 4700);
      peer.close();
    }
  },
});

Deno.test({
  ...needsNats(
    "another server receives a newer broadcast: all continue with it from its first byte",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3);
    using first = await Broadcaster.start(nodes.at(0));
    await first.send(5000);
    const at = await Promise.all(nodes.all.map((node) => watch(node)));
    for (const { peer } of at) await assertBytes(peer, 0, 5000);
    const startedAt = performance.now();
    using second = await Broadcaster.start(nodes.at(1));
    await second.send(3000);
    const end = await first.peer.messageOf("end");
    assertEquals(end.get("reason"), "taken-over");
    for (const { peer } of at) {
      const jump = await peer.messageOf("jump");
      assertEquals([jump.get("id"), jump.get("offset")], [second.id, "0"]);
      await assertBytes(peer, 0, 3000);
      peer.close();
    }
    // A tenth of a second on a quiet machine.
    assertLess(performance.now() - startedAt, SLACK_MS);
    await nodes.at(0).log.wait("takeover");
  },
});

Deno.test({
  ...needsNats(
    "a broadcast ends: watchers of every server get its last byte, then the end",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3);
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const following = nodes.all.map(async (node) =>
      await follow(await watch(node))
    );
    await pause(500);
    await busy.stop();
    await live.peer.text("end");
    const endedAt = performance.now();
    for (const { end, reason } of await Promise.all(following)) {
      assertEquals([end, reason], [live.next, "ended"]);
    }
    assertLess(performance.now() - endedAt, SLACK_MS);
  },
});

Deno.test({
  ...needsNats(
    "a server that serves watchers is frozen: others notice nothing",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    await using edge = await ServeProcess.start(["--nats", nats.url]);
    await edge.log.wait("cluster-up");
    using live = await Broadcaster.start(nodes.at(0));
    const busy = new Busy(live);
    const frozen = await watch({ address: await edge.address() });
    const others = [await watch(nodes.at(0)), await watch(nodes.at(1))];
    const following = others.map(follow);
    await pause(300);
    Deno.kill(edge.pid, "SIGSTOP");
    await pause(3000);
    await busy.stop();
    await live.peer.text("end");
    for (const { end, pause } of await Promise.all(following)) {
      assertEquals(end, live.next);
      assertLess(pause, SLACK_MS);
    }
    Deno.kill(edge.pid, "SIGCONT");
    assertEquals((await follow(frozen)).end, live.next);
  },
});
