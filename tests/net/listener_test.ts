import "../helpers/fast_ticks.ts";
import {
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { type Connection, writeAll } from "../../lib/net/connection.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { eventually } from "../helpers/eventually.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import {
  assertEchoes,
  echo,
  ListenerScene,
  LOOPBACK,
} from "./listener_scene.ts";

/** Asserts that a connection is closed without a byte. */
async function assertRefused(peer: AddressedPeer): Promise<void> {
  const { bytes, how } = await peer.rest(5000);
  assertEquals(bytes.length, 0);
  assertEquals(how === "late", false);
}

Deno.test("Listener serves a connection to its last byte, and closes it in order", async () => {
  await using scene = await ListenerScene.start();
  using peer = await scene.connect(pattern(0, 5000));
  assertEquals(await peer.take(5000), pattern(0, 5000));
  assertEquals(scene.listener.connections, 1);
  const came = peer.take(100_000);
  await peer.send(pattern(5000, 100_000));
  await peer.finish();
  assertEquals(await came, pattern(5000, 100_000));
  assertEquals(await peer.rest(), new Uint8Array());
  await eventually(
    "it is counted no longer",
    () => scene.listener.connections === 0,
  );
  assertEquals(scene.limits.total, 0);
  assertEquals(scene.log.all, []);
});

Deno.test("Listener tells what is known of a connection", async () => {
  const facts: unknown[] = [];
  const serve = (connection: Connection): Promise<void> => {
    const { remote, viaProxy, secure, localPort } = connection;
    facts.push({ host: remote.host, viaProxy, secure, localPort });
    return Promise.resolve();
  };
  await using scene = await ListenerScene.start({
    ...{ serve, addresses: [{ host: "", port: 0 }, ...LOOPBACK] },
  });
  for (const { port } of scene.listener.addresses) {
    using peer = await RawPeer.connect({ host: "127.0.0.1", port });
    assertEquals(await peer.rest(), new Uint8Array());
  }
  const known = { host: "127.0.0.1", viaProxy: false, secure: false };
  assertEquals(
    facts,
    scene.listener.addresses.map(({ port }) => ({ ...known, localPort: port })),
  );
  assertEquals(scene.listener.tlsAddresses, []);
});

Deno.test("Listener refuses connections beyond a network's limit, and serves one from elsewhere", async () => {
  const limits = new ConnectionLimits({ total: 4, perNetwork: 2 });
  await using scene = await ListenerScene.start({ limits });
  const [address] = scene.listener.addresses;
  using _first = await AddressedPeer.connect(address!, "127.0.0.2");
  using second = await AddressedPeer.connect(address!, "127.0.0.2");
  using third = await AddressedPeer.connect(address!, "127.0.0.2");
  await assertRefused(third);
  const { remote, code, reason } = await scene.log.wait("refused");
  assertStringIncludes(String(remote), "127.0.0.2:");
  assertEquals([code, reason], [
    "limit",
    "2 connections from one network are allowed",
  ]);
  using healthy = await scene.connect();
  await assertEchoes(healthy);
  second.reset();
  await eventually("it is counted no longer", () => limits.total === 2);
  using again = await AddressedPeer.connect(address!, "127.0.0.2");
  await again.send(pattern(0, 10));
  const heard = await again.rest(5000, ({ length }) => length === 10);
  assertEquals(heard.bytes, pattern(0, 10));
});

Deno.test("Listener refuses connections beyond the limit in all, and logs a flood of them in few lines", async () => {
  const limits = new ConnectionLimits({ total: 1, perNetwork: 10 });
  await using scene = await ListenerScene.start({ limits });
  using healthy = await scene.connect();
  await assertEchoes(healthy);
  for (let i = 0; i < 50; i++) {
    using refused = await AddressedPeer.connect(scene.listener.addresses[0]!);
    await assertRefused(refused);
  }
  await assertEchoes(healthy);
  const counts = (): number[] =>
    scene.log.named("refused").map(({ fields }) => Number(fields.count ?? 1));
  await eventually(
    "all are logged",
    () => counts().reduce((a, b) => a + b) === 50,
  );
  assertLess(counts().length, 25);
});

Deno.test("Listener cuts a connection that takes no byte, whatever is written, and no other", async () => {
  const errors: Error[] = [];
  const reasons: (string | undefined)[] = [];
  const serve = async (connection: Connection): Promise<void> => {
    if (connection.remote.host === "127.0.0.1") return await echo(connection);
    try {
      for (;;) await writeAll(connection, pattern(0, 100_000));
    } catch (error) {
      errors.push(error as Error);
      reasons.push(connection.cutReason);
    }
  };
  await using scene = await ListenerScene.start({ serve, stallMs: 1000 });
  const [address] = scene.listener.addresses;
  using healthy = await scene.connect();
  using stalled = await AddressedPeer.connect(address!, "127.0.0.2");
  await eventually("it is cut", () => errors.length === 1);
  assertOverrun(errors[0]!.message, "took no byte", 1);
  assertEquals(reasons, [errors[0]!.message]);
  assertEquals((await stalled.rest(5000)).how === "late", false);
  await assertEchoes(healthy);
});

Deno.test("Connection.stalledMs tells how long the write in progress has taken", async () => {
  const { promise, resolve } = Promise.withResolvers<Connection>();
  const serve = async (connection: Connection): Promise<void> => {
    resolve(connection);
    assertEquals(connection.stalledMs, 0);
    const flood = async (): Promise<void> => {
      for (;;) await writeAll(connection, new Uint8Array(100_000));
    };
    await assertRejects(flood, Error, "enough");
    assertEquals(connection.stalledMs, 0);
  };
  await using scene = await ListenerScene.start({ serve });
  using _peer = await scene.connect();
  const connection = await promise;
  await eventually("it is stalled", () => connection.stalledMs > 300);
  connection.cut("enough");
  connection.cut("more");
  assertEquals(connection.cutReason, "enough");
  assertEquals(await connection.gone, "reset");
});

Deno.test("Connection.finish() sends every byte to a peer that reads slowly, and ends what waits for its bytes", async () => {
  const bytes = 6_000_000;
  const waited: boolean[] = [];
  const serve = async (connection: Connection): Promise<void> => {
    const waiting = connection.read().then((bytes) => waited.push(!bytes));
    await writeAll(connection, pattern(0, bytes));
    await connection.finish();
    await waiting;
  };
  await using scene = await ListenerScene.start({ serve });
  using peer = await scene.connect();
  for (let at = 0; at < bytes; at += 500_000) {
    assertEquals(await peer.take(500_000), pattern(at, 500_000));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  assertEquals(await peer.rest(), new Uint8Array());
  await eventually("it is served", () => scene.listener.connections === 0);
  assertEquals(waited, [true]);
});

Deno.test("Connection.discard() discards what comes, and gone still settles", async () => {
  const ends: string[] = [];
  const serve = async (connection: Connection): Promise<void> => {
    await connection.read();
    connection.discard();
    await writeAll(connection, pattern(0, 10));
    ends.push(await connection.gone);
  };
  await using scene = await ListenerScene.start({ serve });
  const [address] = scene.listener.addresses;
  using clean = await scene.connect(pattern(0, 10));
  assertEquals(await clean.take(10), pattern(0, 10));
  await clean.send(new Uint8Array(1_000_000));
  await clean.finish();
  await eventually("it is closed", () => ends.length === 1);
  using broken = await AddressedPeer.connect(address!);
  await broken.send(pattern(0, 10));
  await broken.rest(5000, ({ length }) => length === 10);
  broken.reset();
  await eventually("it is reset", () => ends.length === 2);
  assertEquals(ends, ["closed", "reset"]);
});

Deno.test("Listener.close() waits for connections, cuts the rest, and frees its ports", async () => {
  await using scene = await ListenerScene.start();
  const reasons: (string | undefined)[] = [];
  const listener = scene.listen({
    serve: async (connection) => {
      await echo(connection).catch(() => {});
      reasons.push(connection.cutReason);
    },
  });
  const [address] = listener.addresses;
  using ends = await RawPeer.connect(address!);
  using stays = await RawPeer.connect(address!);
  await assertEchoes(ends);
  await assertEchoes(stays);
  const closed = listener.close(700);
  await assertEchoes(ends);
  await ends.finish();
  assertEquals(await ends.rest(), new Uint8Array());
  await assertEchoes(stays);
  await closed;
  assertEquals(reasons, [undefined, "the server is shutting down"]);
  const { host: hostname, port } = address!;
  await assertRejects(
    () => Deno.connect({ hostname, port }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("Listener logs why a connection could not be served, closes it, and serves others", async () => {
  let served = 0;
  const serve = (connection: Connection): Promise<void> =>
    ++served === 1 ? Promise.reject(new Error("a fault")) : echo(connection);
  await using scene = await ListenerScene.start({ serve });
  using faulty = await scene.connect();
  assertEquals(await faulty.rest(), new Uint8Array());
  const { reason } = await scene.log.wait("serve-error");
  assertEquals(reason, "a fault");
  using healthy = await scene.connect();
  await assertEchoes(healthy);
});

Deno.test("Listener.listen() names the address that is taken, and frees the others", async () => {
  await using scene = await ListenerScene.start();
  using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const addresses = [
    { host: "127.0.0.1", port },
    scene.listener.addresses[0]!,
  ];
  const taken = `127.0.0.1:${scene.listener.addresses[0]!.port}`;
  const error = await assertRejects(
    () => Promise.try(() => scene.listen({ addresses })),
    Deno.errors.AddrInUse,
  );
  assertStringIncludes(error.message, taken);
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});
