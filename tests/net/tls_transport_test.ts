import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { writeAll } from "../../lib/net/connection.ts";
import {
  createTlsContext,
  secure,
  type SecureTransport,
  type TlsContext,
} from "../../lib/net/tls_context.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { Relay } from "./relay.ts";
import { authority, identity } from "./tls_scene.ts";

const context = createTlsContext(await identity("one"));

const TRANSPORTS: readonly [name: string, TlsContext][] = [
  ["TlsTransport", context],
  ["TlsStreamTransport", { ...context, createEngine: undefined }],
];

/** Accepts one connection and hands it to a transport, optionally with its first bytes. */
async function accept(
  listener: Deno.TcpListener,
  tls: TlsContext,
  ahead = 0,
): Promise<SecureTransport> {
  const conn = await listener.accept();
  const begin = new Uint8Array(ahead);
  const count = ahead > 0 ? await conn.read(begin) : 0;
  return secure(conn, tls, begin.subarray(0, count ?? 0));
}

function listenLocally(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}

async function connect(port: number): Promise<RawPeer> {
  const caCerts = [await authority("one")];
  const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  await conn.handshake();
  return new RawPeer(conn);
}

/**
 * A peer and the transport that accepted it, which have shaken hands.
 *
 * @param port Where the peer connects: to the listener by default.
 * @param ahead Bytes that are read of the handshake before the transport is made.
 */
async function establish(
  listener: Deno.TcpListener,
  tls: TlsContext,
  { port = listener.addr.port, ahead = 0 } = {},
): Promise<{ peer: RawPeer; transport: SecureTransport }> {
  const accepting = accept(listener, tls, ahead);
  const connecting = connect(port);
  const transport = await accepting;
  await transport.handshake();
  return { peer: await connecting, transport };
}

/** Reads to the end, into a buffer of the given size. */
async function readAll(
  transport: SecureTransport,
  bufferBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(bufferBytes);
  for (let count; (count = await transport.read(buffer)) !== null;) {
    chunks.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

Deno.test("createTlsContext() finds the engine of this runtime", () => {
  assert(context.createEngine);
});

for (const [name, tls] of TRANSPORTS) {
  Deno.test(`${name} carries every byte in both directions at once, and ends each in order`, async () => {
    using listener = listenLocally();
    const { peer, transport } = await establish(listener, tls);
    using _peer = peer;
    const reading = readAll(transport, 777);
    const writing = writeAll(transport, pattern(0, 600_000));
    const taking = peer.take(600_000);
    await peer.send(pattern(7, 300_000));
    await peer.finish();
    assertEquals(await reading, pattern(7, 300_000));
    assertEquals(await taking, pattern(0, 600_000));
    await writing;
    await writeAll(transport, pattern(3, 100_000));
    await transport.closeWrite();
    assertEquals(await peer.rest(), pattern(3, 100_000));
    transport.close();
  });

  Deno.test(`${name} takes what was read of the handshake before`, async () => {
    for (const ahead of [1, 5, 100, 4096]) {
      using listener = listenLocally();
      const { peer, transport } = await establish(listener, tls, { ahead });
      using _peer = peer;
      await peer.send(pattern(0, 10));
      const buffer = new Uint8Array(20);
      assertEquals(await transport.read(buffer), 10);
      transport.close();
    }
  });

  Deno.test(`${name} tells a connection that ended without the end of TLS`, async () => {
    using listener = listenLocally();
    const { port } = listener.addr;
    using relay = new Relay({ host: "127.0.0.1", port }, new Uint8Array());
    const { peer, transport } = await establish(listener, tls, {
      port: relay.port,
    });
    using _peer = peer;
    await peer.send(pattern(0, 10));
    const buffer = new Uint8Array(20);
    assertEquals(await transport.read(buffer), 10);
    await relay.endTowardsServer();
    const ended = () => transport.read(buffer);
    await assertRejects(ended, Deno.errors.UnexpectedEof, "did not end TLS");
    transport.close();
  });

  Deno.test(`${name} rejects a handshake that breaks off, is malformed, or is closed here`, async () => {
    using listener = listenLocally();
    for (const ending of ["peer", "malformed", "here"]) {
      const accepting = accept(listener, tls);
      const { hostname, port } = listener.addr;
      using peer = await RawPeer.connect({ host: hostname, port });
      const transport = await accepting;
      const rejecting = assertRejects(() => transport.handshake(), Error);
      if (ending === "peer") await peer.finish();
      if (ending === "malformed") await peer.send(new Uint8Array(100).fill(65));
      if (ending === "here") transport.close();
      const { message } = await rejecting;
      if (ending === "peer") assertStringIncludes(message, "the peer closed");
      // Otherwise the transport of streams has closed itself.
      if (ending !== "here") transport.close();
      assertEquals(await peer.rest(), new Uint8Array());
    }
  });

  Deno.test(`${name} rejects a read and a write in progress when it is closed`, async () => {
    using listener = listenLocally();
    const { peer, transport } = await establish(listener, tls);
    using _peer = peer;
    const flood = async (): Promise<void> => {
      for (;;) await transport.write(new Uint8Array(256 * 1024));
    };
    const written = assertRejects(flood, Error);
    const read = assertRejects(
      () => transport.read(new Uint8Array(10)),
      Error,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    transport.close();
    await Promise.all([written, read]);
    await assertRejects(() => transport.write(new Uint8Array(10)), Error);
  });
}
