import "../helpers/fast_ticks.ts";
import {
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { equals } from "@std/bytes";
import {
  type Connection,
  streamOf,
  writeAll,
} from "../../lib/net/connection.ts";
import { eventually } from "../helpers/eventually.ts";
import { slow } from "../helpers/fast.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { acceptedSockets } from "./accepted_sockets.ts";

import {
  assertEchoes,
  echo,
  ListenerScene,
  LOOPBACK,
  Serving,
} from "./listener_scene.ts";
import { identity } from "./tls_scene.ts";

Deno.test("Listener serves TLS to its last byte, in both directions", async () => {
  await using scene = await ListenerScene.start({ tls: "one" });
  using peer = await scene.connectSecurely("one");
  const came = peer.take(500_000);
  await peer.send(pattern(0, 500_000));
  assertEquals(await came, pattern(0, 500_000));
  await peer.finish();
  assertEquals(await peer.rest(), new Uint8Array());
});

Deno.test("Listener tells what is known of a TLS connection", async () => {
  const serving = new Serving();
  await using scene = await ListenerScene.start({ tls: "one", ...serving });
  using _peer = await scene.connectSecurely("one");
  const connection = await serving.next();
  const { port } = scene.listener.tlsAddresses[0]!;
  const { secure, viaProxy, localPort, remote } = connection;
  assertEquals({ secure, viaProxy, localPort }, {
    ...{ secure: true, viaProxy: false, localPort: port },
  });
  assertEquals(remote.host, "127.0.0.1");
  connection.close();
});

Deno.test("Listener sends over TLS to a peer that has ended its side", async () => {
  const serve = async (connection: Connection): Promise<void> => {
    while (await connection.read());
    assertEquals(await connection.gone, "closed");
    await writeAll(connection, pattern(0, 300_000));
    await connection.finish();
  };
  await using scene = await ListenerScene.start({ tls: "one", serve });
  using peer = await scene.connectSecurely("one");
  await peer.finish();
  assertEquals(await peer.rest(), pattern(0, 300_000));
});

Deno.test("Listener offers HTTP/1.1 by ALPN, and nothing to clients that want something else", async () => {
  await using scene = await ListenerScene.start({ tls: "one" });
  for (
    const [offered, agreed] of [
      [["h2", "http/1.1"], "http/1.1"],
      [["http/1.1"], "http/1.1"],
      [[], undefined],
    ] as const
  ) {
    assertEquals(await scene.alpn("one", [...offered]), agreed);
  }
  await assertRejects(() => scene.alpn("one", ["h2"]), Error);
  const { reason, code } = await scene.log.wait("refused");
  assertEquals(code, "bad-request");
  assertStringIncludes(String(reason), "the TLS handshake failed: ");
});

Deno.test("Connection over TLS tells an end in order from one without close_notify", async () => {
  const serving = new Serving();
  await using scene = await ListenerScene.start({ tls: "one", ...serving });
  using clean = await scene.connectSecurely("one");
  await clean.send(pattern(0, 1000));
  const cleanly = await serving.next();
  await clean.finish();
  assertEquals((await new Response(streamOf(cleanly)).bytes()).length, 1000);
  assertEquals(await cleanly.gone, "closed");

  using relay = scene.relay();
  using broken = await scene.connectSecurely("one", relay.port);
  await broken.send(pattern(0, 1000));
  const brokenly = await serving.next();
  assertEquals((await brokenly.read())?.length, 512);
  await relay.endTowardsServer();
  const rest = async (): Promise<void> => {
    while (await brokenly.read());
  };
  await assertRejects(rest, Deno.errors.UnexpectedEof);
  assertEquals(await brokenly.gone, "reset");
  for (const connection of [cleanly, brokenly]) connection.close();
});

Deno.test("Listener refuses what is no TLS, and serves others", async () => {
  await using scene = await ListenerScene.start({ tls: "one" });
  using healthy = await scene.connectSecurely("one");
  const request = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");
  using stray = await RawPeer.connect(
    scene.listener.tlsAddresses[0]!,
    request,
  );
  const { code } = await scene.log.wait("refused");
  assertEquals(code, "bad-request");
  assertEquals(await stray.rest(), new Uint8Array());
  await assertEchoes(healthy);
});

const handshakes = slow(
  "Listener cuts 500 unfinished handshakes, frees their descriptors, and serves others meanwhile",
);

Deno.test({
  ...handshakes,
  // Descriptors are counted in /proc.
  ignore: handshakes.ignore || Deno.build.os !== "linux",
  fn: async () => {
    await using scene = await ListenerScene.start({
      ...{ tls: "one", requestMs: 25_000 },
    });
    using healthy = await scene.connectSecurely("one");
    await assertEchoes(healthy);
    const address = scene.listener.tlsAddresses[0]!;
    const peers: RawPeer[] = [];
    const hello = Uint8Array.of(0x16, 3, 1, 2, 0, 1);
    for (let i = 0; i < 500; i++) {
      const first = i % 2 === 0 ? [] : [hello];
      peers.push(await RawPeer.connect(address, ...first));
    }
    await eventually(
      "all are accepted",
      () => scene.limits.total === peers.length + 1,
    );
    // A test that looks for a port where nothing listens may come by here.
    await eventually(
      "there is a socket for each",
      () => acceptedSockets(address.port) === peers.length + 1,
    );
    await assertEchoes(healthy);
    using _second = await scene.connectSecurely("one");
    await eventually(
      "the server has closed its side of all",
      () => acceptedSockets(address.port) === 2,
    );
    const { reason } = await scene.log.wait("refused");
    assertOverrun(reason, "finished no TLS handshake", 25);
    await assertEchoes(healthy);
    assertEquals(scene.limits.total, 2);
    for (const peer of peers) peer.close();
  },
});

Deno.test("Listener cuts a TLS peer that reads nothing, holds little for it, and serves others meanwhile", async () => {
  let accepted = 0;
  const serving = new Serving();
  await using scene = await ListenerScene.start({
    ...{ tls: "one", stallMs: 1000, ...serving },
  });
  using _stalled = await scene.connectSecurely("one");
  const connection = await serving.next();
  using healthy = await scene.connectSecurely("one");
  const echoing = echo(await serving.next());
  const flood = async (): Promise<void> => {
    const bytes = new Uint8Array(256 * 1024);
    for (;;) accepted += await connection.write(bytes);
  };
  const error = await assertRejects(flood, Error);
  assertOverrun(error.message, "took no byte", 1);
  assertEquals(connection.cutReason, error.message);
  assertEquals(connection.stalledMs, 0);
  // What the kernel buffers at both ends, which is not held by this process.
  assertLess(accepted, 16 * 1024 * 1024);
  await assertEchoes(healthy);
  await healthy.finish();
  await echoing;
});

Deno.test("Connection over TLS takes no more than a little ahead of what is read", async () => {
  const bytes = 32 * 1024 * 1024;
  const serving = new Serving();
  await using scene = await ListenerScene.start({ tls: "one", ...serving });
  using peer = await scene.connectSecurely("one");
  const connection = await serving.next();
  let sent = 0;
  const flood = async (): Promise<void> => {
    while (sent < bytes) {
      await peer.send(pattern(sent, 16 * 1024));
      sent += 16 * 1024;
    }
    await peer.finish();
  };
  const flooding = flood();
  let before = -1;
  while (before < sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  // What the kernel buffers at both ends.
  assertLess(sent, 16 * 1024 * 1024);
  let at = 0;
  for (let chunk; (chunk = await connection.read());) {
    if (!equals(chunk, pattern(at, chunk.length))) throw new Error(`${at}`);
    at += chunk.length;
  }
  assertEquals(at, bytes);
  await flooding;
  connection.close();
});

Deno.test("Connection.finish() over TLS sends every byte to a peer that reads slowly", async () => {
  const bytes = 6_000_000;
  const serve = async (connection: Connection): Promise<void> => {
    await writeAll(connection, pattern(0, bytes));
    await connection.finish();
  };
  await using scene = await ListenerScene.start({ tls: "one", serve });
  using peer = await scene.connectSecurely("one");
  for (let at = 0; at < bytes; at += 500_000) {
    assertEquals(await peer.take(500_000), pattern(at, 500_000));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  assertEquals(await peer.rest(), new Uint8Array());
});

Deno.test("Listener.renew() presents the new certificate, and cuts no connection", async () => {
  await using scene = await ListenerScene.start({ tls: "one" });
  using old = await scene.connectSecurely("one");
  const { listener } = scene;
  const { cert } = await identity("one");
  assertThrows(() => listener.renew({ cert, key: "" }), Error);
  using same = await scene.connectSecurely("one");
  listener.renew(await identity("two"));
  using renewed = await scene.connectSecurely("two");
  await assertRejects(() => scene.connectSecurely("one"), Error, "invalid");
  for (const peer of [old, same, renewed]) await assertEchoes(peer);
});

Deno.test("Listener reads a trusted proxy's header in front of TLS", async () => {
  const header = new TextEncoder().encode(
    "PROXY TCP4 192.0.2.7 198.51.100.1 46512 61921\r\n",
  );
  for (
    const [first, host, viaProxy] of [
      [header, "192.0.2.7", false],
      [new Uint8Array(), "127.0.0.1", true],
    ] as const
  ) {
    const serving = new Serving();
    await using scene = await ListenerScene.start({
      ...{ tls: "one", trusts: () => true, ...serving },
    });
    using relay = scene.relay(first);
    using peer = await scene.connectSecurely("one", relay.port);
    const connection = await serving.next();
    assertEquals(connection.remote.host, host);
    assertEquals(connection.viaProxy, viaProxy);
    const echoing = echo(connection);
    await assertEchoes(peer);
    await peer.finish();
    await echoing;
  }
});

Deno.test("Listener.listen() rejects a certificate that cannot be used, and frees its ports", async () => {
  await using scene = await ListenerScene.start();
  const port = freePort();
  const address = { host: "127.0.0.1", port };
  const bad = { ...await identity("one"), key: "" };
  const tls = { addresses: LOOPBACK, identity: bad };
  assertThrows(() => scene.listen({ addresses: [address], tls }), Error);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

/** A port that nothing listens at. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
