import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Config } from "../../lib/config/config.ts";
import { hubOptions, sessionLimits } from "../../lib/server/limits.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import {
  broadcasting,
  broadcastText,
  watching,
} from "../session/live_channel.ts";

/** Every limit differs from every other, so that one wired to another's setting is noticed. */
const CONFIG = {
  headerBlock: 200,
  requestFrame: 100,
  requestTime: 1.5,
  keepAlive: 1,
  watcherStall: 2.5,
  broadcasterIdle: 2,
  connections: 9,
  connectionsPerNetwork: 8,
  channelsPerUser: 2,
  watchersPerChannel: 3,
  backlog: 1024 * 1024,
  memory: 64 * 1024 * 1024,
  burst: 7,
  linger: 0.011,
  maxLag: { bytes: 300_000, seconds: 5 },
  grace: 6,
  tokenTime: 13,
  apiToken: "token-of-the-api",
  metricsToken: "token-of-the-metrics",
  allowOrigin: "https://example.org",
} satisfies Partial<Config>;

/** What the server answers until it closes, as text. */
async function answer(
  { address }: TestServer,
  ...sent: readonly Uint8Array[]
): Promise<string> {
  using peer = await RawPeer.connect(address, ...sent);
  return new TextDecoder().decode(await peer.rest());
}

function get(path: string, ...fields: readonly string[]): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: x",
    "Accept: */*",
    "Connection: close",
    ...fields,
  ];
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
}

/** A text filled up to a length with a key that nothing reads. */
function filled(text: string, length: number): string {
  return text + "x".repeat(length - text.length);
}

Deno.test("startServer() gives hub and sessions their own settings", () => {
  const config = CONFIG as unknown as Config;
  const { sameSecret, ...hub } = hubOptions(config);
  assert(sameSecret("a", "a") && !sameSecret("a", "b"));
  assertEquals(hub, {
    backlogBytes: CONFIG.backlog,
    memoryBytes: CONFIG.memory,
    graceSeconds: 6,
    burstSeconds: 7,
    linger: 0.011,
    maxLag: CONFIG.maxLag,
    channelsPerUser: 2,
    watchersPerChannel: 3,
  });
  assertEquals(sessionLimits(config), {
    headerBytes: 200,
    frameBytes: 100,
    requestMs: 1500,
    keepAliveMs: 1000,
    broadcasterIdleMs: 2000,
  });
});

Deno.test("startServer() keeps header-block and request-frame to the byte", async () => {
  await using server = await startTestServer({ config: CONFIG });
  const text = (length: number): string =>
    filled("watch,user=fier,reply=1,more=", length);
  assertMatch(await answer(server, requestBytes(text(100))), /not-live/);
  assertEquals(await answer(server, requestBytes(text(101))), "");
  const head = (length: number): Uint8Array => {
    const bare = get("/style", "X-More: ").length;
    return get("/style", `X-More: ${"x".repeat(length - bare)}`);
  };
  assertEquals(head(200).length, 200);
  assertMatch(await answer(server, head(200)), /^HTTP\/1.1 404 /);
  assertMatch(
    await answer(server, head(201)),
    /^HTTP\/1.1 400 [^]*more than 200 bytes of head/,
  );
});

Deno.test("startServer() keeps the limits of channels and watchers, and the channel's own times", async () => {
  await using server = await startTestServer({ config: CONFIG });
  using first = await broadcasting(server, broadcastText("fier", ",channel=a"));
  using _second = await broadcasting(
    server,
    broadcastText("fier", ",channel=b"),
    2,
  );
  const third = broadcastText("fier", ",channel=c,reply=1");
  assertMatch(
    await answer(server, requestBytes(third)),
    /code=limit,message=too many channels of this user/,
  );
  const watch = "watch,user=fier,channel=a";
  using _one = await watching(server, watch, 1);
  using _two = await watching(server, watch, 2);
  using _three = await watching(server, watch, 3);
  assertMatch(
    await answer(server, requestBytes(`${watch},reply=1`)),
    /code=limit,message=the channel has too many watchers/,
  );
  const channel = server.server.hub.find("fier", "a")!;
  assertEquals([channel.burst, channel.linger], [7, 0.011]);
  await first.send(new Uint8Array(3 * CONFIG.backlog));
  first.close();
  const { seconds } = await server.log.wait("channel-hold");
  assertEquals(seconds, 6);
  const { heldBytes } = channel.log;
  assertEquals(heldBytes, CONFIG.backlog);
});

Deno.test("startServer() cuts each peer after the time that is set for it", async () => {
  await using server = await startTestServer({ config: CONFIG });
  using _flood = await broadcasting(
    server,
    broadcastText("fier", ",channel=a"),
  );
  using _stalled = await watching(server, "watch,user=fier,channel=a");
  using silent = await RawPeer.connect(server.address, new Uint8Array([0, 0]));
  const head = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  using kept = await RawPeer.connect(server.address, head);
  const began = performance.now();
  const ends = [kept, silent].map(async (peer) => {
    await peer.rest();
    return performance.now() - began;
  });
  await _flood.send(new Uint8Array(16 * 1024 * 1024));
  const [keptMs, silentMs] = await Promise.all(ends) as [number, number];
  assert(keptMs >= 1000, `${keptMs} ms between two requests`);
  assert(silentMs >= 1500, `${silentMs} ms for a request`);
  const idle = await server.log.wait("broadcast-end");
  assertOverrun(idle.reason, "sent no byte", 2);
  const stalled = await server.log.wait("watch-end");
  assertOverrun(stalled.reason, "took no byte", 2.5);
});

Deno.test("startServer() keeps list and metrics for their own tokens, and tells the memory limit", async () => {
  await using server = await startTestServer({ config: CONFIG });
  const status = async (path: string, token: string): Promise<string> => {
    const reply = await answer(
      server,
      get(path, `Authorization: Bearer token-of-the-${token}`),
    );
    return reply.slice(9, 12);
  };
  assertEquals(await status("/api/channels", "api"), "200");
  assertEquals(await status("/api/channels", "metrics"), "401");
  assertEquals(await status("/metrics", "metrics"), "200");
  assertEquals(await status("/metrics", "api"), "401");
  const metrics = await answer(
    server,
    get("/metrics", "Authorization: Bearer token-of-the-metrics"),
  );
  assertMatch(metrics, /^fstream_memory_limit_bytes 67108864$/m);
  const listed = await answer(
    server,
    get(
      "/api/channels",
      "Authorization: Bearer token-of-the-api",
      "Origin: https://example.org",
    ),
  );
  assertMatch(
    listed,
    /^access-control-allow-origin: https:\/\/example.org\r$/mi,
  );
});

Deno.test("startServer() gives tokens the time that is set", async () => {
  await using server = await startTestServer({ config: CONFIG, folder: true });
  const text = `token,user=fier,user_password=${PASSWORD},reply=1`;
  const reply = await answer(server, requestBytes(text));
  assertMatch(reply, /expires_in=13\b/);
});
