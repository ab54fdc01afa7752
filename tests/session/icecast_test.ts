import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { concat } from "@std/bytes";
import { pattern } from "../helpers/pattern.ts";
import { readHead } from "../helpers/read_head.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { Bystander, watching } from "./live_channel.ts";
import { assertOverrun } from "../helpers/overrun.ts";

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const SOURCE_OK = "HTTP/1.0 200 OK\r\n\r\n";

/** The head of a source client; its password is `123` where it shows one. */
function head(
  line: string,
  user = "source",
  more = "Expect: 100-continue\r\n",
): Uint8Array<ArrayBuffer> {
  const auth = `Authorization: Basic ${btoa(`${user}:123`)}\r\n`;
  return ascii(`${line}\r\nHost: a\r\n${auth}${more}\r\n`);
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function reads(peer: RawPeer, text: string): Promise<void> {
  const bytes = await peer.take(text.length);
  assertEquals(new TextDecoder().decode(bytes), text);
}

async function waitingFor(server: TestServer, text: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.address, requestBytes(text));
  await server.log.wait("watch-wait");
  return peer;
}

Deno.test("Session takes a source client's PUT, and answers at both ends", async () => {
  await using server = await startTestServer();
  using watcher = await waitingFor(
    server,
    "watch,user=fier,channel=cam,wait=9",
  );
  using source = await RawPeer.connect(
    server.address,
    head("PUT /fier/cam?hold=0 HTTP/1.1"),
  );
  await reads(source, CONTINUE);
  await source.send(pattern(0, 5000));
  assertEquals(await watcher.take(5000), pattern(0, 5000));
  await source.finish();
  assertEquals(await watcher.rest(), new Uint8Array());
  const end = new TextDecoder().decode(await source.rest());
  assert(end.startsWith("HTTP/1.1 200 OK\r\n"), end);
  const { reason, bytes } = await server.log.wait("broadcast-end");
  assertEquals([reason, bytes], ["the broadcast ended", 5000]);
});

Deno.test("Session takes a SOURCE request, whose media waits for its 200", async () => {
  await using server = await startTestServer();
  using watcher = await waitingFor(server, "watch,user=fier,wait=9");
  using source = await RawPeer.connect(
    server.address,
    head("SOURCE /fier HTTP/1.0", "fier", ""),
  );
  await reads(source, SOURCE_OK);
  await source.send(pattern(0, 100));
  await source.finish();
  assertEquals(await source.rest(), new Uint8Array());
  assertEquals(await watcher.rest(), pattern(0, 100));
});

Deno.test("Session keeps media that comes along with a source client's head", async () => {
  await using server = await startTestServer();
  using watcher = await waitingFor(server, "watch,user=fier,wait=9");
  using source = await RawPeer.connect(
    server.address,
    concat([head("PUT /fier HTTP/1.1", "", ""), pattern(0, 300)]),
  );
  await source.finish();
  assertEquals(await watcher.rest(), pattern(0, 300));
  const end = new TextDecoder().decode(await source.rest());
  assert(end.startsWith("HTTP/1.1 200 OK\r\n"), "no 100 was asked for");
});

/** Source clients that are refused, and how. */
const REFUSED: readonly [
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  status: string,
  code: string,
][] = [
  [
    "another user's password",
    head("PUT /fier HTTP/1.1", "other"),
    "401 Unauthorized",
    "denied",
  ],
  [
    "nobody's channel",
    head("SOURCE /nobody HTTP/1.0"),
    "401 Unauthorized",
    "denied",
  ],
  [
    "a key twice",
    head("PUT /fier?hold=1&hold=2 HTTP/1.1"),
    "400 Bad Request",
    "bad-request",
  ],
  [
    "an unknown format",
    head("PUT /fier?format=nonsense HTTP/1.1"),
    "400 Bad Request",
    "bad-request",
  ],
  [
    "a channel too many",
    head("PUT /other/second HTTP/1.1"),
    "503 Service Unavailable",
    "limit",
  ],
];

Deno.test("Session refuses source clients in HTTP, and asks for a password by a challenge", async (t) => {
  await using server = await startTestServer({
    config: { channelsPerUser: 1 },
  });
  using bystander = await Bystander.open(server);
  for (const [index, [name, bytes, status, code]] of REFUSED.entries()) {
    await t.step(name, async () => {
      using source = await RawPeer.connect(server.address, bytes);
      const answer = new TextDecoder().decode(await source.rest());
      assert(answer.startsWith(`HTTP/1.1 ${status}\r\n`), answer);
      assertEquals(
        answer.includes("\r\nwww-authenticate: Basic realm="),
        code === "denied",
      );
      assertStringIncludes(answer, "\r\nconnection: close\r\n");
      const refused = await server.log.wait("refused", index + 1);
      assertEquals(refused.code, code);
      await bystander.assertServed();
    });
  }
});

Deno.test("Session holds a source client's channel when it falls silent or is reset", async () => {
  await using server = await startTestServer({
    config: { broadcasterIdle: 1 },
  });
  using source = await RawPeer.connect(
    server.address,
    head("PUT /fier HTTP/1.1"),
  );
  await reads(source, CONTINUE);
  await source.send(new Uint8Array(10));
  const { reason } = await server.log.wait("broadcast-end");
  assertOverrun(reason, "sent no byte", 1);
  await server.log.wait("channel-hold");
});

Deno.test("Session lets a source client take its channel over", async () => {
  await using server = await startTestServer();
  const bytes = head("PUT /fier HTTP/1.1");
  using first = await RawPeer.connect(server.address, bytes);
  await reads(first, CONTINUE);
  using watcher = await watching(server, "watch,user=fier,start=oldest");
  using second = await RawPeer.connect(server.address, bytes);
  await reads(second, CONTINUE);
  await second.send(pattern(0, 50));
  assertEquals(await watcher.take(50), pattern(0, 50));
  const { reason } = await server.log.wait("broadcast-end");
  assertStringIncludes(String(reason), "taken over");
});

Deno.test("Session tells a source client that no channel can have a reserved name", async () => {
  await using server = await startTestServer();
  for (const line of ["PUT /metrics HTTP/1.1", "SOURCE /api/x HTTP/1.0"]) {
    using source = await RawPeer.connect(server.address, head(line));
    const answer = new TextDecoder().decode(await source.rest());
    assert(/^HTTP\/1\.1 40[45] /.test(answer), answer);
    assertEquals(server.server.hub.channels(), []);
  }
});

/** What libshout, ices2 and GStreamer's shout2send send before they have a password to show. */
const PROBES = [
  "OPTIONS * HTTP/1.1\r\nHost: a\r\nUser-Agent: libshout/2.4.6\r\n" +
  "Connection: Upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n",
  "SOURCE /fier HTTP/1.1\r\nHost: a\r\nUser-Agent: libshout/2.4.6\r\n" +
  "Content-Length: 0\r\nConnection: Keep-Alive\r\n\r\n",
];

for (
  const framing of ["Content-Length: 60", "Transfer-Encoding: chunked"] as const
) {
  Deno.test(`Session takes no request out of the body of a SOURCE without credentials: ${framing}`, async () => {
    await using server = await startTestServer();
    using source = await RawPeer.connect(
      server.address,
      ascii(`SOURCE /fier HTTP/1.1\r\nHost: a\r\n${framing}\r\n\r\n`),
      ascii("GET /healthz HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"),
    );
    const replies = new TextDecoder().decode(await source.rest());
    assert(replies.startsWith("HTTP/1.1 401 "), replies);
    assertStringIncludes(replies, "connection: close");
    assertEquals(replies.split("HTTP/1.1 ").length, 2, replies);
  });
}

Deno.test("Session answers libshout's probes on one connection, and takes its media behind them", async () => {
  await using server = await startTestServer();
  using watcher = await waitingFor(server, "watch,user=fier,wait=9");
  using source = await RawPeer.connect(server.address, ascii(PROBES[0]!));
  const options = await readHead(source);
  assert(options.startsWith("HTTP/1.1 204 No Content\r\n"), options);
  assertStringIncludes(options, "allow: GET, HEAD, PUT, POST, SOURCE, OPTIONS");
  assertEquals(options.includes("upgrade:"), false);
  await source.send(ascii(PROBES[1]!));
  const challenge = await readHead(source);
  assert(challenge.startsWith("HTTP/1.1 401 Unauthorized\r\n"), challenge);
  await source.take(Number(/content-length: (\d+)/.exec(challenge)?.[1]));
  await source.send(
    head("SOURCE /fier HTTP/1.1", "source", "Content-Type: audio/mpeg\r\n"),
  );
  await reads(source, SOURCE_OK);
  await source.send(pattern(0, 1000));
  await source.finish();
  assertEquals(await watcher.rest(), pattern(0, 1000));
  assertEquals(server.log.named("refused"), []);
});
