import { assertEquals, assertLess, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { buildConfig, type Config } from "../../lib/config/config.ts";
import { silentLogger } from "../../lib/logger.ts";
import type { Cluster } from "../../lib/cluster/cluster.ts";
import { clusterView } from "../../lib/server/open_cluster.ts";
import { startServer } from "../../lib/server/server.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { startTestServer, usersFolder } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";

/** Milliseconds in which a server has closed, on a machine that is busy with other tests too. */
const CLOSE_MS = 3000;

const DEFAULTS: Config = buildConfig();

Deno.test("Server.close() ends the watchers with every byte and cuts the broadcaster", async () => {
  await using server = await startTestServer();
  using broadcaster = await broadcasting(server, broadcastText("fier"));
  using watcher = await watching(server, "watch,user=fier");
  const media = pattern(0, 20_000);
  await broadcaster.send(media);
  const begin = await watcher.take(media.length - 1);
  const closed = server.server.close();
  assertEquals(concat([begin, await watcher.rest()]), media);
  watcher.close();
  await closed;
  assertEquals(await broadcaster.rest(), new Uint8Array());
  await assertRejects(() => RawPeer.connect(server.address));
  await server.server.close(); // again: nothing more to do
});

Deno.test("Server.close() does not wait for a peer that never sends its request", async () => {
  await using server = await startTestServer();
  using silent = await RawPeer.connect(server.address, new Uint8Array([0, 0]));
  using waiting = await RawPeer.connect(
    server.address,
    requestBytes("watch,user=fier,wait=60,reply=1"),
  );
  await server.log.wait("watch-wait");
  const began = performance.now();
  const closed = server.server.close();
  const answer = new TextDecoder().decode((await waiting.rest()).subarray(5));
  assertEquals(answer, "error,code=not-live,message=the channel is not live");
  assertEquals(await silent.rest(), new Uint8Array());
  await closed;
  assertLess(performance.now() - began, CLOSE_MS);
});

Deno.test("startServer() listens at several addresses, and tells which", async () => {
  const users = await usersFolder(["fier"]);
  const loopback = { host: "127.0.0.1", port: 0 };
  const config = { ...DEFAULTS, users, listen: [loopback, loopback] };
  const server = await startServer(config, silentLogger);
  assertEquals(server.addresses.length, 2);
  for (const address of server.addresses) {
    using peer = await RawPeer.connect(address, new Uint8Array([0xff]));
    assertEquals(await peer.rest(), new Uint8Array());
  }
  await server.close();
  await Deno.remove(users, { recursive: true });
});

Deno.test("startServer() says which address it cannot have, and leaves nothing open", async () => {
  await using server = await startTestServer();
  const { host, port } = server.address;
  const listen = [{ host, port: 0 }, { host, port }];
  const config = { ...DEFAULTS, listen };
  const allow = {
    authenticate: () => Promise.resolve({ allow: true } as const),
  };
  await assertRejects(
    () => startServer(config, silentLogger, allow),
    Deno.errors.AddrInUse,
    `Cannot listen at ${host}:${port}: `,
  );
});

Deno.test("startServer() does not start without its users folder", async () => {
  const config = { ...DEFAULTS, users: "/nonexistent/users" };
  await assertRejects(
    () => startServer(config, silentLogger),
    Error,
    "/nonexistent/users",
  );
});

Deno.test("clusterView() asks for the watchers of a user's channel, by user and channel", () => {
  const elsewhere = {
    watchersOf: (user: string, channel: string): number =>
      user === "fier" && channel === "radio" ? 3 : 0,
  };
  const cluster = { elsewhere } as Partial<Cluster> as Cluster;
  const view = clusterView(cluster);
  assertEquals(view.watchersOf("fier", "radio"), 3);
});
