/**
 * Links to watch are good, and revoked, at every server.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { LinkJson, NewLinkJson } from "../../lib/web/links.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import { Broadcaster, Nodes, pause } from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

async function ask<T>(
  { address }: TestServer,
  path: string,
  method = "GET",
): Promise<T> {
  const headers = { authorization: `Basic ${btoa(`fier:${PASSWORD}`)}` };
  const url = `http://${address.host}:${address.port}/api/links${path}`;
  const answer = await fetch(url, { method, headers });
  assertEquals(answer.status, 200);
  return await answer.json();
}

function mint(node: TestServer): Promise<NewLinkJson> {
  return ask<NewLinkJson>(node, "?channel=hall&expires=1h", "POST");
}

/** What a watcher with a link is answered. */
async function watch(
  { address }: TestServer,
  { token }: NewLinkJson,
): Promise<string> {
  using peer = await FramedPeer.connect(
    address,
    `watch,user=fier,channel=hall,wait=9,channel_password=${token}`,
  );
  const { word, values } = await peer.message();
  return word === "error" ? values.get("code")! : word;
}

/** Waits until a server knows of a link or its end: wrong ones are counted, so that not many may be tried. */
async function told(
  node: TestServer,
  { id }: NewLinkJson,
  isGood: boolean,
): Promise<void> {
  for (let look = 0; look < 100; look++) {
    const { links } = await ask<{ links: LinkJson[] }>(node, "");
    if (links.some((link) => link.id === id) === isGood) return;
    await pause(50);
  }
  throw new Error(`Cannot see that ${id} is ${isGood ? "good" : "void"}`);
}

/** Waits until a watcher is answered so. */
async function until(
  node: TestServer,
  link: NewLinkJson,
  wanted: "ok" | "denied",
): Promise<void> {
  await told(node, link, wanted === "ok");
  assertEquals(await watch(node, link), wanted);
}

function live(nodes: Nodes): Promise<Broadcaster> {
  return Broadcaster.start(nodes.at(0), ",channel=hall,channel_password=456");
}

Deno.test({
  ...needsNats(
    "a link is good at every server, and void at all once revoked at any",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 3);
    using broadcaster = await live(nodes);
    await broadcaster.send(1000);
    const link = await mint(nodes.at(1));
    const other = await mint(nodes.at(0));
    for (const node of nodes.all) await until(node, link, "ok");
    assertEquals(
      await watch(nodes.at(2), { ...link, token: "link-x" }),
      "denied",
    );
    await pause(2500); // Until every server knows the others.
    const { links } = await ask<{ links: LinkJson[] }>(nodes.at(2), "");
    assertEquals(
      links.map(({ id, uses }) => [id, uses]).sort(),
      [[link.id, 3], [other.id, 0]].sort(),
    );
    await ask(nodes.at(2), `/${link.id}/revoke`, "POST");
    for (const node of nodes.all) await until(node, link, "denied");
    assertEquals(await watch(nodes.at(1), other), "ok");
  },
});

Deno.test({
  ...needsNats(
    "a revocation that NATS has lost holds once it is back, and links survive a server",
  ),
  fn: async () => {
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    using broadcaster = await live(nodes);
    await broadcaster.send(1000);
    const [revoked, kept] = [await mint(nodes.at(0)), await mint(nodes.at(0))];
    await until(nodes.at(1), revoked, "ok");
    await until(nodes.at(1), kept, "ok");
    await nats.kill();
    await nodes.at(1).log.wait("cluster-down");
    await ask(nodes.at(0), `/${revoked.id}/revoke`, "POST");
    const missed = await mint(nodes.at(0));
    await nats.run();
    await nodes.at(1).log.wait("cluster-up", 2);
    await until(nodes.at(1), revoked, "denied");
    await until(nodes.at(1), missed, "ok");
    await using late = await startTestServer({
      config: { nats: [nats.url], node: "late" },
    });
    await until(late, kept, "ok");
    assertEquals(await watch(late, revoked), "denied");
  },
});
