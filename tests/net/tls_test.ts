import { assert, assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "@std/streams";
import { broadcast } from "../../lib/client/broadcast.ts";
import { close } from "../../lib/client/connect.ts";
import { request } from "../../lib/client/request.ts";
import { watch } from "../../lib/client/watch.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { PASSWORD } from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";
import { authority, TlsServer } from "./tls_scene.ts";

const NEVER = new AbortController().signal;

const SIGN_IN = { user: "fier", "user_password": PASSWORD };

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from([bytes]);
}

/** A sink that keeps all, and what it has kept once it is closed. */
function keeping(): [WritableStream<Uint8Array>, Promise<Uint8Array>] {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    { transform: (chunk, controller) => controller.enqueue(chunk.slice()) },
    undefined,
    { highWaterMark: Infinity },
  );
  return [writable, toBytes(readable)];
}

Deno.test("TcpFront carries media over TLS to its last byte, next to plain connections", async () => {
  await using tls = await TlsServer.start();
  const { beside } = tls;
  const media = pattern(0, 3_000_000);
  const accepted = await request("broadcast", SIGN_IN, tls.client());
  const [sink, kept] = keeping();
  const watched = watch(
    await request("watch", { user: "fier" }, tls.client()),
    sink,
    NEVER,
  );
  using clear = await watching(beside, "watch,user=fier", 2);
  await broadcast(accepted, streamOf(media), NEVER);
  await watched;
  assertEquals(await kept, media);
  assertEquals(await clear.rest(), media);
  const { reason } = await beside.log.wait("broadcast-end");
  assertEquals(reason, "the broadcast ended");
});

Deno.test("A token issued over TLS is accepted without TLS", async () => {
  await using tls = await TlsServer.start();
  const { conn, values } = await request("token", SIGN_IN, tls.client());
  close(conn);
  const token = values.get("token")!;
  using clear = await broadcasting(
    tls.beside,
    `broadcast,user=fier,token=${token}`,
  );
  await clear.finish();
  await tls.beside.log.wait("broadcast-end");
});

Deno.test("A TLS connection that is cut off is no clean end", async () => {
  await using tls = await TlsServer.start();
  using relay = new Relay(tls.address.port);
  const caCerts = [await authority("one")];
  const { port } = relay;
  const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  using peer = new RawPeer(conn);
  await peer.send(requestBytes(broadcastText("fier")));
  await tls.beside.log.wait("broadcast-start");
  await relay.endTowardsServer();
  await tls.beside.log.wait("channel-hold");
});

/** Hands bytes on, for one connection, and can end it below TLS. */
class Relay implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.TcpConn[] = [];
  readonly #cut = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(port: number) {
    this.#running = this.#run(port);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #run(port: number): Promise<void> {
    const client = await this.#listener.accept();
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#conns.push(client, server);
    const { signal } = this.#cut;
    const stays = { signal, preventAbort: true, preventCancel: true };
    await Promise.allSettled([
      client.readable.pipeTo(server.writable, stays),
      server.readable.pipeTo(client.writable, stays),
    ]);
  }

  async endTowardsServer(): Promise<void> {
    this.#cut.abort();
    await this.#conns[1]!.closeWrite();
    await this.#running;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
  }
}

Deno.test("A peer that speaks no TLS is closed, and the others are served", async () => {
  await using tls = await TlsServer.start();
  using stray = await RawPeer.connect(
    tls.address,
    requestBytes("watch,user=fier,reply=1"),
  );
  await tls.beside.log.wait("refused");
  // An alert of TLS, or nothing: in any case the end.
  assert((await stray.rest()).length < 10);
  const { conn, values } = await request("token", SIGN_IN, tls.client());
  close(conn);
  assert(values.has("token"));
});

Deno.test("request() trusts the given authority alone", async () => {
  await using tls = await TlsServer.start();
  const where = `Cannot connect to 127.0.0.1:${tls.address.port}: `;
  const unknown = { ...tls.client(), tls: {} };
  for (const client of [unknown, tls.client("two")]) {
    const ask = () => request("token", SIGN_IN, client);
    await assertRejects(ask, Error, where + "invalid peer certificate");
  }
  const missing = { ...tls.client(), tls: { ca: "/nonexistent.pem" } };
  await assertRejects(
    () => request("token", SIGN_IN, missing),
    Error,
    "No such file",
  );
});

Deno.test("HttpFront speaks HTTPS, WebSockets too, when there is a certificate", async () => {
  await using tls = await TlsServer.start();
  using client = Deno.createHttpClient({ caCerts: [await authority("one")] });
  const response = await fetch(`${tls.origin}/healthz`, { client });
  assertEquals(await response.text(), "ok\n");
  const caCerts = [await authority("one")];
  const port = Number(new URL(tls.origin).port);
  const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts });
  using peer = new RawPeer(conn);
  const head = [
    "GET /fier/default HTTP/1.1",
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  await peer.send(new TextEncoder().encode(head.join("\r\n") + "\r\n\r\n"));
  const answer = new TextDecoder().decode(await peer.take(12));
  assertEquals(answer, "HTTP/1.1 101");
});
