import {
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { concat } from "@std/bytes";
import { type Connection, writeAll } from "../../lib/net/connection.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { AddressedPeer } from "../helpers/addressed_peer.ts";
import { eventually } from "../helpers/eventually.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { echo, ListenerScene, LOOPBACK } from "./listener_scene.ts";

/** Asserts that a connection is served. */
async function assertEchoes(peer: RawPeer): Promise<void> {
  await peer.send(pattern(0, 1000));
  assertEquals(await peer.take(1000), pattern(0, 1000));
}

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

Deno.test("Listener refuses connections beyond a network's limit, beside one from elsewhere", async () => {
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

Deno.test("Listener refuses connections beyond the limit in all, and logs a flood of them once", async () => {
  const limits = new ConnectionLimits({ total: 1, perNetwork: 10 });
  await using scene = await ListenerScene.start({ limits });
  using healthy = await scene.connect();
  await assertEchoes(healthy);
  for (let i = 0; i < 50; i++) {
    using refused = await AddressedPeer.connect(scene.listener.addresses[0]!);
    await assertRefused(refused);
  }
  await assertEchoes(healthy);
  await scene.log.wait("refused", 2);
  const counts = scene.log.named("refused").map(({ fields }) =>
    fields.count ?? 1
  );
  assertEquals(counts.reduce((a, b) => Number(a) + Number(b)), 50);
  assertLess(counts.length, 5);
});

Deno.test("Listener cuts a connection that takes no byte, whatever is written, beside one that does", async () => {
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
    const reader = connection.readable.getReader();
    const waiting = reader.read().then(({ done }) => waited.push(done));
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

Deno.test("Connection.readable that is cancelled discards what comes, and gone still settles", async () => {
  const ends: string[] = [];
  const serve = async (connection: Connection): Promise<void> => {
    const reader = connection.readable.getReader();
    await reader.read();
    await reader.cancel();
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

/** PROXY headers, and whom they name; `undefined`: the proxy itself. */
const HEADERS: readonly (readonly [string, Uint8Array, string | undefined])[] =
  [
    [
      "version 1",
      ascii("PROXY TCP4 192.0.2.7 198.51.100.1 46512 61920\r\n"),
      "192.0.2.7",
    ],
    [
      "version 1, IPv4 as IPv6 in hex",
      ascii("PROXY TCP6 ::ffff:c633:6407 ::1 46512 61920\r\n"),
      "198.51.100.7",
    ],
    ["version 1, unknown", ascii("PROXY UNKNOWN\r\n"), undefined],
    [
      "version 2",
      Uint8Array.fromHex(
        "0d0a0d0a000d0a515549540a2111000cc0000207c6336401b5b001bb",
      ),
      "192.0.2.7",
    ],
  ];

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Serves connections, and keeps what is known of the peers. */
class Remotes {
  readonly seen: string[] = [];

  readonly serve = async (connection: Connection): Promise<void> => {
    const { remote, viaProxy } = connection;
    this.seen.push(`${remote.host} ${viaProxy}`);
    await echo(connection);
  };
}

Deno.test("Listener takes from a trusted proxy whom it brings, in any pieces", async () => {
  for (const [name, header, host = "127.0.0.1"] of HEADERS) {
    const remotes = new Remotes();
    await using scene = await ListenerScene.start({
      ...{ trusts: () => true, serve: remotes.serve },
    });
    const all = concat([header, pattern(0, 20)]);
    const cuts = [1, 2, 13, header.length - 1, header.length, all.length];
    for (const cut of cuts) {
      using peer = await scene.connect(all.subarray(0, cut));
      await peer.send(all.subarray(cut));
      assertEquals(await peer.take(20), pattern(0, 20), `${name} at ${cut}`);
    }
    using slow = await scene.connect();
    for (const byte of all) await slow.send(Uint8Array.of(byte));
    assertEquals(await slow.take(20), pattern(0, 20), name);
    assertEquals(new Set(remotes.seen), new Set([`${host} false`]), name);
  }
});

Deno.test("Listener passes on what a trusted proxy sends without a header", async () => {
  const remotes = new Remotes();
  await using scene = await ListenerScene.start({
    ...{ trusts: () => true, serve: remotes.serve },
  });
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "\r\n\r\n\0\0\0\x09\0", "P"]) {
    using peer = await scene.connect();
    for (const byte of ascii(text)) await peer.send(Uint8Array.of(byte));
    await peer.finish();
    assertEquals(await peer.rest(), ascii(text));
  }
  assertEquals(remotes.seen, new Array(3).fill("127.0.0.1 true"));
});

Deno.test("Listener takes a header from anybody else for data", async () => {
  const remotes = new Remotes();
  await using scene = await ListenerScene.start({ serve: remotes.serve });
  for (const [, header] of HEADERS) {
    using peer = await scene.connect(header);
    assertEquals(await peer.take(header.length), header);
  }
  assertEquals(new Set(remotes.seen), new Set(["127.0.0.1 false"]));
});

Deno.test("Listener cuts a trusted proxy whose header is late or malformed, beside one that is served", async () => {
  await using scene = await ListenerScene.start({
    ...{ trusts: () => true, requestMs: 1000 },
  });
  using healthy = await scene.connect(HEADERS[0]![1]);
  await assertEchoes(healthy);
  using bad = await scene.connect(ascii("PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n"));
  assertEquals(await bad.rest(), new Uint8Array());
  const { code, reason } = await scene.log.wait("refused");
  assertEquals(code, "bad-request");
  assertStringIncludes(String(reason), "a line of version 1");
  using silent = await scene.connect();
  using begun = await scene.connect(ascii("PROXY TCP4 192"));
  for (const peer of [silent, begun]) {
    assertEquals(await peer.rest(), new Uint8Array());
  }
  const late = scene.log.named("refused")[1];
  assertOverrun(late?.fields.reason, "sent no PROXY header", 1);
  await assertEchoes(healthy);
  assertEquals(scene.limits.total, 1);
});

Deno.test("Listener counts a proxy's connections in all at once, and by network once it is known", async () => {
  const limits = new ConnectionLimits({ total: 4, perNetwork: 2 });
  await using scene = await ListenerScene.start({
    ...{ limits, trusts: () => true },
  });
  const header = HEADERS[0]![1];
  using first = await scene.connect(header);
  using second = await scene.connect(header);
  for (const peer of [first, second]) await assertEchoes(peer);
  using third = await scene.connect(header);
  assertEquals(await third.rest(), new Uint8Array());
  const { remote } = await scene.log.wait("refused");
  assertEquals(remote, "192.0.2.7:46512");
  using other = await scene.connect(HEADERS[1]![1]);
  await assertEchoes(other);
  using _silent = await scene.connect();
  await eventually("it is counted", () => limits.total === 4);
  using fifth = await scene.connect(HEADERS[1]![1]);
  await assertRejects(() => fifth.take(1), Error);
  await second.finish();
  await second.rest();
  await eventually("it is counted no longer", () => limits.total === 3);
  using again = await scene.connect(header);
  await assertEchoes(again);
});
