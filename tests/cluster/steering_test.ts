/**
 * Channels are seen and steered at every server, wherever their broadcasters and watchers are.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { ChannelDetailJson } from "../../lib/web/managed_json.ts";
import { PASSWORD, type TestServer } from "../helpers/start_server.ts";
import { assertDocumented } from "../web/api_schema.ts";
import {
  assertBytes,
  Broadcaster,
  Nodes,
  pause,
  watch,
} from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

const CHANNEL = "/api/channels/{user}/{channel}";

const HALL = "/api/channels/fier/hall";

function ask(
  { address }: TestServer,
  path: string,
  method = "GET",
  user = "fier",
): Promise<Response> {
  const headers = { authorization: `Basic ${btoa(`${user}:${PASSWORD}`)}` };
  const url = `http://${address.host}:${address.port}${path}`;
  return fetch(url, { method, headers });
}

async function detailAt(
  node: TestServer,
  query = "",
): Promise<ChannelDetailJson> {
  const answer = await ask(node, HALL + query);
  return await assertDocumented(CHANNEL, "GET", answer);
}

/** Three servers that know each other; the channel hall of the first is watched at the first two. */
async function scene(nats: NatsProcess): Promise<{
  readonly nodes: Nodes;
  readonly live: Broadcaster;
  readonly watching: readonly Awaited<ReturnType<typeof watch>>[];
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const nodes = await Nodes.start(nats, 3);
  const live = await Broadcaster.start(nodes.at(0), ",channel=hall");
  await live.send(2000);
  const watching = await Promise.all(
    [0, 1, 1].map((at) => watch(nodes.at(at), ",channel=hall,start=oldest")),
  );
  for (let look = 0; look < 100; look++) {
    const known = await Promise.all(nodes.all.map((node) => detailAt(node)));
    if (known.every(({ audience }) => audience.length === 3)) break;
    await pause(100);
  }
  return {
    ...{ nodes, live, watching },
    async [Symbol.asyncDispose](): Promise<void> {
      live.peer.close();
      for (const { peer } of watching) peer.close();
      await nodes[Symbol.asyncDispose]();
    },
  };
}

Deno.test({
  ...needsNats("every server shows a channel with the watchers of all"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using stage = await scene(nats);
    const { nodes } = stage;
    for (const node of nodes.all) {
      const { audience, node: owner, watchers, ...rest } = await detailAt(node);
      assertEquals([owner, watchers, rest.unanswered], ["n0", 3, []]);
      const places = audience.map((each) => each.node).sort();
      assertEquals(places, ["n0", "n1", "n1"]);
      assertEquals(new Set(audience.map(({ id }) => id)).size, 3);
      const path = "/api/channels";
      const list = await ask(node, `${path}?scope=managed`);
      const { channels } = await assertDocumented(path, "GET", list);
      assertEquals(
        channels.map((
          each: ChannelDetailJson,
        ) => [each.channel, each.watchers]),
        [["hall", 3]],
      );
    }
    assertEquals((await detailAt(nodes.at(2), "?limit=2")).audience.length, 2);
    for (const path of [HALL, `${HALL}/end`, `${HALL}/kick?watcher=1`]) {
      const method = path === HALL ? "GET" : "POST";
      const other = await ask(nodes.at(2), path, method, "other");
      assertEquals(other.status, 403, path);
      await other.body?.cancel();
    }
    const none = await ask(nodes.at(2), "/api/channels/fier/none");
    assertEquals(none.status, 404);
    await none.body?.cancel();
  },
});

Deno.test({
  ...needsNats("a watcher is disconnected at any server, and no other is"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using stage = await scene(nats);
    const { nodes } = stage;
    const { audience } = await detailAt(nodes.at(2));
    const { id } = audience.find(({ node }) => node === "n1")!;
    const kick = async (at: number): Promise<unknown> => {
      const path = `${HALL}/kick?watcher=${id}`;
      const answer = await ask(nodes.at(at), path, "POST");
      return await assertDocumented(`${CHANNEL}/kick`, "POST", answer);
    };
    assertEquals(await kick(2), { kicked: true });
    const left = await nodes.at(1).log.wait("watch-end");
    assertEquals([left.watcher, left.reason], [id, "disconnected by fier"]);
    assertEquals(await kick(2), { kicked: false });
    assertEquals(await kick(0), { kicked: false });
    const places = (await detailAt(nodes.at(2))).audience.map(({ node }) =>
      node
    );
    assertEquals(places.sort(), ["n0", "n1"]);
  },
});

Deno.test({
  ...needsNats("a channel is ended at any server"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using stage = await scene(nats);
    const { nodes, live, watching } = stage;
    await pause(2500); // Until every server has told how many watch.
    const answer = await ask(nodes.at(1), `${HALL}/end`, "POST");
    const ended = await assertDocumented(`${CHANNEL}/end`, "POST", answer);
    assertEquals(ended, { ended: true, watchers: 3 });
    const end = await nodes.at(0).log.wait("channel-end");
    assertEquals(end.reason, "ended by fier");
    await live.peer.messageOf("end");
    for (const { peer } of watching) {
      await assertBytes(peer, 0, 2000);
      await peer.messageOf("end");
    }
    const gone = await ask(nodes.at(1), `${HALL}/end`, "POST");
    assertEquals(gone.status, 404);
    assertMatch(await gone.text(), /not live/);
  },
});

Deno.test({
  ...needsNats(
    "a server that does not answer is named, and delays nothing for long",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using stage = await scene(nats);
    const { nodes } = stage;
    nats.signal("SIGSTOP");
    const began = performance.now();
    const { unanswered, audience } = await detailAt(nodes.at(0));
    const ending = await ask(nodes.at(1), `${HALL}/end`, "POST");
    nats.signal("SIGCONT");
    assertEquals(ending.status, 503);
    assertMatch(await ending.text(), /does not answer/);
    assertEquals([...unanswered ?? []].sort(), ["n1", "n2"]);
    assertEquals(audience.map(({ node }) => node), ["n0"]);
    assertEquals(performance.now() - began < 5000, true);
  },
});
