import {
  assertEquals,
  assertLess,
  assertMatch,
  assertNotMatch,
} from "@std/assert";
import { concat } from "@std/bytes";
import type { Config } from "../../lib/config/config.ts";
import { ConnectionLimits } from "../../lib/net/connection_limits.ts";
import { Listener } from "../../lib/net/listener.ts";
import { serveConnection } from "../../lib/session/serve.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { readHead } from "../helpers/read_head.ts";
import { OK } from "./live_channel.ts";
import { SessionScene } from "./session_scene.ts";

const encoder = new TextEncoder();

const HEADER = encoder.encode(
  "PROXY TCP4 192.0.2.7 198.51.100.1 46512 61920\r\n",
);

const TOKEN = requestBytes("token,user=fier,user_password=x,reply=1");

/** Limits of a proxy's connections. */
type Limits = Pick<Config, "connectionsPerNetwork" | "requestTime">;

/** A listener whose sessions are allowed everything; `await using` stops it. */
class ProxyScene implements AsyncDisposable {
  readonly #scene: SessionScene;
  readonly #listener: Listener;

  constructor(scene: SessionScene, listener: Listener) {
    this.#scene = scene;
    this.#listener = listener;
  }

  static async start(
    trusts: (host: string) => boolean,
    { connectionsPerNetwork = 10, requestTime = 5 }: Partial<Limits> = {},
  ): Promise<ProxyScene> {
    const connections = new ConnectionLimits({
      total: 100,
      perNetwork: connectionsPerNetwork,
    });
    const scene = new SessionScene({
      authenticate: () => Promise.resolve({ allow: true }),
    });
    const context = { ...scene.context, connections, trusts };
    const listener = await Listener.listen({
      addresses: [{ host: "127.0.0.1", port: 0 }],
      limits: connections,
      trusts,
      ticker: context.ticker,
      stallMs: 5000,
      requestMs: requestTime * 1000,
      logger: scene.log,
      serve: (connection) => serveConnection(context, connection),
    });
    return new ProxyScene(scene, listener);
  }

  /** Addresses of the clients that were authorized. */
  get remotes(): string[] {
    return this.#scene.asked.map(({ remote }) => remote);
  }

  get log(): SessionScene["log"] {
    return this.#scene.log;
  }

  connect(...first: readonly Uint8Array[]): Promise<RawPeer> {
    return RawPeer.connect(this.#listener.addresses[0]!, ...first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#scene.shutDown();
    await this.#listener.close(1000);
    await this.#scene[Symbol.asyncDispose]();
  }
}

function everybody(): boolean {
  return true;
}

Deno.test("Session is told by a trusted proxy for whom it connects, in any pieces", async () => {
  await using scene = await ProxyScene.start(everybody);
  const all = concat([HEADER, TOKEN]);
  for (let cut = 1; cut < all.length; cut += 7) {
    using peer = await scene.connect(all.subarray(0, cut));
    await peer.send(all.subarray(cut));
    assertEquals((await peer.take(OK.length)).subarray(5), OK.subarray(5));
  }
  assertEquals(new Set(scene.remotes), new Set(["192.0.2.7:46512"]));
});

Deno.test("Session believes no PROXY header of anybody else", async () => {
  await using scene = await ProxyScene.start((host) => host === "192.0.2.7");
  using liar = await scene.connect(HEADER, TOKEN);
  await liar.finish();
  assertEquals(await liar.rest(), new Uint8Array());
  using honest = await scene.connect(TOKEN);
  await honest.take(OK.length);
  assertEquals(scene.remotes.length, 1);
  assertEquals(scene.remotes[0]?.startsWith("127.0.0.1:"), true);
});

Deno.test("Session takes a trusted proxy without a header for the client itself", async () => {
  await using scene = await ProxyScene.start(everybody);
  using peer = await scene.connect(TOKEN);
  await peer.take(OK.length);
  assertEquals(scene.remotes[0]?.startsWith("127.0.0.1:"), true);
});

Deno.test("Session closes a trusted proxy's connection that is too slow", async () => {
  await using scene = await ProxyScene.start(everybody, { requestTime: 0.1 });
  using peer = await scene.connect(HEADER.subarray(0, 10));
  assertEquals(await peer.rest(), new Uint8Array());
  const { reason } = await scene.log.wait("refused");
  assertOverrun(reason, "sent no PROXY header", 0.1);
});

Deno.test("Session counts connections for whom they come, not for their proxy", async () => {
  await using scene = await ProxyScene.start(everybody, {
    connectionsPerNetwork: 1,
  });
  const other = encoder.encode(
    "PROXY TCP4 192.0.2.8 198.51.100.1 46512 61920\r\n",
  );
  using first = await scene.connect(HEADER, TOKEN.subarray(0, 9));
  using second = await scene.connect(other, TOKEN);
  await second.take(OK.length);
  using third = await scene.connect(HEADER, TOKEN);
  assertEquals(
    await third.rest().catch(() => new Uint8Array()),
    new Uint8Array(),
  );
  const { code, remote } = await scene.log.wait("refused");
  assertEquals([code, remote], ["limit", "192.0.2.7:46512"]);
  await first.send(TOKEN.subarray(9));
  await first.take(OK.length);
});

Deno.test("Listener.close() does not wait for a proxy that says nothing", async () => {
  const scene = await ProxyScene.start(everybody);
  using silent = await scene.connect();
  using served = await scene.connect(HEADER, TOKEN);
  await served.take(OK.length);
  const began = performance.now();
  await scene[Symbol.asyncDispose]();
  assertLess(performance.now() - began, 4000);
  assertEquals(await silent.rest(), new Uint8Array());
});

/** Opens a WebSocket for a client behind a proxy that speaks HTTP. */
function upgradeFor(client: string): Uint8Array {
  return encoder.encode(
    "GET /fier HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n" +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
      `X-Forwarded-For: ${client}\r\n\r\n`,
  );
}

Deno.test("Session counts the WebSockets of a proxy for whom they come", async () => {
  const trusts = (host: string): boolean => host === "127.0.0.1";
  await using scene = await ProxyScene.start(trusts, {
    connectionsPerNetwork: 1,
  });
  using first = await scene.connect(upgradeFor("192.0.2.7"));
  await readHead(first);
  using other = await scene.connect(upgradeFor("192.0.2.8"));
  await readHead(other);
  using second = await scene.connect(upgradeFor("192.0.2.7"));
  const { code, remote } = await scene.log.wait("refused");
  assertEquals([code, remote], ["limit", "192.0.2.7:0"]);
  await readHead(second);
  assertEquals((await second.take(1))[0], 0x88); // A close frame.
  first.close();
  await scene.log.wait("refused", 2); // Closed before its request: its place is free again.
  using third = await scene.connect(upgradeFor("192.0.2.7"));
  await readHead(third);
  third.close();
  const { reason } = await scene.log.wait("refused", 3);
  assertNotMatch(String(reason), /from one network/);
});

/** `X-Forwarded-For` of a proxy that speaks HTTP, and for whom its request comes. */
const FORWARDED: readonly [header: string, remote: RegExp][] = [
  ["198.51.100.9", /^198\.51\.100\.9:0$/],
  ["203.0.113.1, 198.51.100.9", /^198\.51\.100\.9:0$/],
  ["::ffff:c633:6409", /^198\.51\.100\.9:0$/],
  ["2001:db8::1", /^\[2001:db8::1\]:0$/],
  ["garbage", /^127\.0\.0\.1:\d+$/],
];

/** Requests that are refused, over each protocol of HTTP. */
const REFUSED = [
  "GET /fier HTTP/1.1\r\nAccept: */*\r\n",
  "PUT /fier?hold=x HTTP/1.1\r\nAuthorization: Basic OjEyMw==\r\n",
  "GET /fier HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
];

Deno.test("Session logs the client that X-Forwarded-For names, over HTTP, Icecast and WebSocket", async () => {
  for (const [header, remote] of FORWARDED) {
    const trusts = (host: string): boolean => host === "127.0.0.1";
    await using scene = await ProxyScene.start(trusts);
    for (const [index, lines] of REFUSED.entries()) {
      using peer = await scene.connect(encoder.encode(
        `${lines}Host: a\r\nX-Forwarded-For: ${header}\r\n\r\n`,
      ));
      const refused = await scene.log.wait("refused", index + 1);
      assertMatch(String(refused.remote), remote, header);
      assertEquals(refused.user, "fier");
      await peer.finish();
      await peer.rest();
    }
  }
});
