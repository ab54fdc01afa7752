import { assertEquals, assertLess } from "@std/assert";
import { concat } from "@std/bytes";
import type { AuthDecision } from "../../lib/auth/authenticate.ts";
import { TokenStore } from "../../lib/auth/token_store.ts";
import { ConnectionCaps } from "../../lib/net/connection_limits.ts";
import { Hub } from "../../lib/hub/hub.ts";
import type { Trusts } from "../../lib/net/ip_network.ts";
import { Ticker } from "../../lib/clock/ticker.ts";
import { TcpFront } from "../../lib/session/listener.ts";
import { prelude, RawPeer } from "../helpers/raw_peer.ts";
import { EventLog } from "../helpers/start_server.ts";
import { OK } from "./live_channel.ts";

const HEADER = new TextEncoder().encode(
  "PROXY TCP4 192.0.2.7 198.51.100.1 46512 61920\r\n",
);

const TOKEN = prelude("token,user=fier,user_password=x,reply=1");

function clock(): number {
  return performance.now();
}

/** A TCP front that allows everything; `await using` stops it. */
class Scene implements AsyncDisposable {
  readonly log = new EventLog();
  readonly remotes: string[] = [];
  readonly front: TcpFront;
  readonly #ticker = new Ticker(clock);

  constructor(trusts: Trusts, perAddress = 10, preludeMs = 5000) {
    const limits = {
      ...{ headerBytes: 8192, payloadBytes: 4096, preludeMs },
      ...{ watcherStallMs: 5000, broadcasterIdleMs: 5000 },
    };
    const hub = new Hub({
      ...{ backlogBytes: 2 ** 20, graceSeconds: 0, burstSeconds: 0 },
      ...{ channelsPerUser: 16, watchersPerChannel: 16 },
      sameSecret: (a, b) => a === b,
      now: clock,
    }, this.log);
    this.front = new TcpFront({
      addresses: [{ host: "127.0.0.1", port: 0 }],
      caps: new ConnectionCaps(100, perAddress),
      trusts,
      rooms: {
        ...{ hub, limits, ticker: this.#ticker, logger: this.log },
        tokens: new TokenStore(),
        webPort: () => undefined,
        authenticate: ({ remote }): Promise<AuthDecision> => {
          this.remotes.push(remote);
          return Promise.resolve({ allow: true });
        },
      },
    });
  }

  connect(...first: readonly Uint8Array[]): Promise<RawPeer> {
    return RawPeer.connect(this.front.addresses[0]!, ...first);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.front.close(1000);
    this.#ticker.close();
  }
}

function everybody(): boolean {
  return true;
}

Deno.test("TcpFront takes from a trusted proxy whom it brings, in any pieces", async () => {
  await using scene = new Scene(everybody);
  const all = concat([HEADER, TOKEN]);
  for (let cut = 1; cut < all.length; cut += 7) {
    using peer = await scene.connect(all.subarray(0, cut));
    await peer.send(all.subarray(cut));
    assertEquals((await peer.take(OK.length)).subarray(5), OK.subarray(5));
  }
  assertEquals(new Set(scene.remotes), new Set(["192.0.2.7:46512"]));
});

Deno.test("TcpFront takes nothing of it from anybody else", async () => {
  await using scene = new Scene((host) => host === "192.0.2.7");
  using liar = await scene.connect(HEADER, TOKEN);
  assertEquals(await liar.rest(), new Uint8Array());
  using honest = await scene.connect(TOKEN);
  await honest.take(OK.length);
  assertEquals(scene.remotes.length, 1);
  assertEquals(scene.remotes[0]?.startsWith("127.0.0.1:"), true);
});

Deno.test("TcpFront closes a trusted proxy's connection without a header", async () => {
  await using scene = new Scene(everybody);
  using peer = await scene.connect(TOKEN);
  assertEquals(await peer.rest(), new Uint8Array());
  const { code, reason } = await scene.log.wait("refused");
  assertEquals(code, "bad-request");
  assertEquals(reason, "the trusted proxy sent no PROXY header");
  assertEquals(scene.remotes, []);
});

Deno.test("TcpFront closes a trusted proxy's connection that is too slow", async () => {
  await using scene = new Scene(everybody, 10, 100);
  using peer = await scene.connect(HEADER.subarray(0, 10));
  assertEquals(await peer.rest(), new Uint8Array());
  const { reason } = await scene.log.wait("refused");
  assertEquals(reason, "the trusted proxy sent its header too slowly");
});

Deno.test("TcpFront counts connections for whom they come, not for their proxy", async () => {
  await using scene = new Scene(everybody, 1);
  const other = new TextEncoder().encode(
    "PROXY TCP4 192.0.2.8 198.51.100.1 46512 61920\r\n",
  );
  using first = await scene.connect(HEADER, TOKEN.subarray(0, 9));
  using second = await scene.connect(other, TOKEN);
  await second.take(OK.length);
  using third = await scene.connect(HEADER, TOKEN);
  assertEquals(await third.rest(), new Uint8Array());
  const { code, remote } = await scene.log.wait("refused");
  assertEquals([code, remote], ["limit", "192.0.2.7"]);
  await first.send(TOKEN.subarray(9));
  await first.take(OK.length);
});

Deno.test("TcpFront.close() does not wait for a proxy that says nothing", async () => {
  const scene = new Scene(everybody);
  using silent = await scene.connect();
  using served = await scene.connect(HEADER, TOKEN);
  await served.take(OK.length);
  const began = performance.now();
  await scene[Symbol.asyncDispose]();
  assertLess(performance.now() - began, 4000);
  assertEquals(await silent.rest(), new Uint8Array());
});
