/**
 * Several servers are one: tokens, passwords, limits, lists, waits and shutdowns.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { ServeProcess } from "../helpers/fstream_process.ts";
import { PASSWORD, type TestServer } from "../helpers/start_server.ts";
import {
  assertBytes,
  Broadcaster,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

function urlOf({ address }: TestServer, path: string): string {
  return `http://${address.host}:${address.port}${path}`;
}

async function listed(node: TestServer): Promise<Record<string, unknown>[]> {
  const answer = await fetch(urlOf(node, "/api/channels"));
  return (await answer.json()).channels;
}

/** Waits until the servers have told each other what they have. */
async function told(nodes: Nodes, isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 100; look++) {
    if (await isSo()) return;
    await pause(50);
  }
  const seen = await Promise.all(nodes.all.map(listed));
  throw new Error(`Cannot see it in the lists: ${JSON.stringify(seen)}`);
}

async function refusal(peer: FramedPeer): Promise<string | undefined> {
  const { word, values } = await peer.message();
  peer.close();
  return word === "error" ? values.get("code") : word;
}

Deno.test({
  ...needsNats("a token is good at every server, for one use"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3, {}, true);
    const issue = async (node: TestServer): Promise<string> => {
      const headers = {
        authorization: `Basic ${btoa(`fier:${PASSWORD}`)}`,
        accept: "text/plain",
      };
      const url = urlOf(node, "/api/token");
      const answer = await fetch(url, { method: "POST", headers });
      return (await answer.text()).trim();
    };
    const use = async (node: TestServer, token: string): Promise<string> => {
      const channel = crypto.randomUUID().slice(0, 8);
      const request = `broadcast,user=fier,channel=${channel},token=${token}`;
      using peer = await FramedPeer.connect(node.address, request);
      return (await peer.message()).word;
    };
    const token = await issue(nodes.at(0));
    assertMatch(token, /^[0-9a-f]{64}$/);
    const uses = [0, 1, 2].map((index) => use(nodes.at(index), token));
    const words = await Promise.all(uses);
    assertEquals(words.filter((word) => word === "ok").length, 1, `${words}`);
    const older = await issue(nodes.at(0));
    const newer = await issue(nodes.at(1));
    await pause(50);
    assertEquals(await use(nodes.at(2), older), "error", "it is void");
    assertEquals(await use(nodes.at(2), newer), "ok");
  },
});

Deno.test({
  ...needsNats("a channel's password is asked for at every server"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    using live = await Broadcaster.start(
      nodes.at(0),
      ",channel_password=456",
    );
    await live.send(2000);
    const { address } = nodes.at(1);
    for (
      const [given, wanted] of [["", "denied"], ["1", "denied"], ["456", "ok"]]
    ) {
      const key = given === "" ? "" : `,channel_password=${given}`;
      const peer = await FramedPeer.connect(
        address,
        `watch,user=fier,wait=9${key}`,
      );
      assertEquals(await refusal(peer), wanted);
    }
  },
});

Deno.test({
  ...needsNats(
    "lists show the channels of all servers, with the watchers of all",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3);
    using live = await Broadcaster.start(nodes.at(0), ",channel=hall");
    await live.send(2000);
    const at = await Promise.all(
      [0, 1, 1].map((index) =>
        watch(nodes.at(index), ",channel=hall,start=oldest")
      ),
    );
    await told(nodes, async () => {
      const lists = await Promise.all(nodes.all.map(listed));
      return lists.every(([channel, ...more]) =>
        more.length === 0 && channel?.channel === "hall" &&
        channel.node === "n0" && channel.watchers === 3 &&
        channel.state === "live"
      );
    });
    const metrics = await (await fetch(urlOf(nodes.at(1), "/metrics"))).text();
    assertMatch(metrics, /\nfstream_cluster_connected 1\n/);
    assertMatch(metrics, /\nfstream_cluster_nodes 2\n/);
    assertMatch(metrics, /\nfstream_cluster_feeds 1\n/);
    assertMatch(metrics, /\nfstream_relayed_bytes_total 2000\n/);
    assertMatch(metrics, /\nfstream_received_bytes_total 0\n/);
    for (const { peer } of at) peer.close();
  },
});

Deno.test({
  ...needsNats("limits of a user and of a channel hold over all servers"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    const limits = { channelsPerUser: 2, watchersPerChannel: 2 };
    await using nodes = await Nodes.start(nats, 2, limits);
    using _one = await Broadcaster.start(nodes.at(0), ",channel=a");
    using two = await Broadcaster.start(nodes.at(0), ",channel=b");
    await two.send(1000);
    const watchers = await Promise.all(
      [0, 1].map((i) => watch(nodes.at(i), ",channel=b,start=oldest")),
    );
    await told(nodes, async () => {
      const lists = await Promise.all(nodes.all.map(listed));
      return lists.every((list) =>
        list.some(({ channel, watchers }) => channel === "b" && watchers === 2)
      );
    });
    const third = await FramedPeer.connect(
      nodes.at(1).address,
      `broadcast,user=fier,user_password=${PASSWORD},channel=c`,
    );
    assertEquals(await refusal(third), "limit");
    const more = await FramedPeer.connect(
      nodes.at(1).address,
      "watch,user=fier,channel=b",
    );
    assertEquals(await refusal(more), "limit");
    // One that continues elsewhere is no further channel.
    using moved = await Broadcaster.start(nodes.at(1), ",channel=a");
    assertEquals(moved.received, 0);
    for (const { peer } of watchers) peer.close();
  },
});

Deno.test({
  ...needsNats(
    "a watcher waits at one server for a channel of another, over HTTP too",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    const waiting = watch(nodes.at(1), "");
    const page = fetch(urlOf(nodes.at(1), "/fier?wait=20"));
    await nodes.at(1).log.wait("watch-wait", 2);
    using live = await Broadcaster.start(nodes.at(0));
    await live.send(3000);
    const { peer, offset } = await waiting;
    assertEquals(offset, 0);
    await assertBytes(peer, 0, 3000);
    await live.peer.text("end");
    assertEquals((await (await page).bytes()).length, 3000);
    peer.close();
  },
});

Deno.test({
  ...needsNats(
    "a server that shuts down sends broadcasters and watchers to the others",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2, {
      advertise: "b.example:1",
    });
    const flags = ["--nats", nats.url, "--advertise", "a.example:2"];
    await using leaving = await ServeProcess.start(flags);
    await leaving.log.wait("cluster-up");
    const address = await leaving.address();
    using first = await Broadcaster.start({ address });
    await first.send(4000);
    const own = await watch({ address });
    await assertBytes(own.peer, 0, 4000);
    const other = await watch(nodes.at(0));
    await assertBytes(other.peer, 0, 4000);
    await pause(2500); // Until it knows the others.
    Deno.kill(leaving.pid, "SIGTERM");
    const end = await first.peer.messageOf("end");
    assertEquals(end.get("reason"), "restart");
    assertEquals(end.get("servers"), "b.example:1 b.example:1");
    using second = await Broadcaster.resume(nodes.at(1), first.secret);
    assertEquals([second.id, second.received], [first.id, 4000]);
    const left = await own.peer.messageOf("end");
    assertEquals(left.get("reason"), "restart");
    assert(left.has("servers"));
    await second.send(1000);
    const moved = await watch(nodes.at(0), `,resume=${first.id}:4000`);
    assertEquals(moved.offset, 4000);
    await assertBytes(moved.peer, 4000, 1000);
    await assertBytes(other.peer, 4000, 1000);
    for (const { peer } of [own, other, moved]) peer.close();
  },
});
