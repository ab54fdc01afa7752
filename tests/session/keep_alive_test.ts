import { assert, assertEquals, assertLess } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import type { RawPeer } from "../helpers/raw_peer.ts";
import { readHead } from "../helpers/read_head.ts";
import { eventually } from "../helpers/eventually.ts";
import { assertOverrun } from "../helpers/overrun.ts";
import { SessionScene } from "./session_scene.ts";

const encoder = new TextEncoder();

/** A request of a client with the usual headers. */
function request(line: string, ...headers: readonly string[]): Uint8Array {
  const lines = [line, "Host: a", "User-Agent: test", ...headers];
  return encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Status and body of the next reply, which has a length. */
async function nextReply(
  peer: RawPeer,
  method = "GET",
): Promise<{ status: number; head: string; body: string }> {
  const head = await readHead(peer);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
  const body = method === "HEAD" ? new Uint8Array() : await peer.take(length);
  return {
    status: Number(head.split(" ")[1]),
    head: head.toLowerCase(),
    body: new TextDecoder().decode(body),
  };
}

Deno.test("Session answers requests in a row on one connection", async () => {
  await using scene = new SessionScene();
  using peer = await scene.connect();
  for (let i = 0; i < 3; i++) {
    await peer.send(request("GET /healthz HTTP/1.1"));
    const { status, head, body } = await nextReply(peer);
    assertEquals([status, body], [200, "ok\n"]);
    assert(head.includes("\r\nconnection: keep-alive\r\n"), head);
  }
  assertEquals(scene.connections, 1);
});

Deno.test("Session answers pipelined requests in order, however they are cut", async () => {
  await using scene = new SessionScene();
  const lines = [
    "GET /healthz HTTP/1.1",
    "GET /fier HTTP/1.1",
    "HEAD /healthz HTTP/1.1",
    "DELETE /healthz HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "HEAD /nobody HTTP/1.1",
    "GET /api/channels HTTP/1.1",
  ];
  const statuses = [200, 404, 200, 405, 204, 404, 200];
  const all = new Uint8Array(lines.flatMap((line) => [...request(line)]));
  for (const cut of [0, 1, 30, 100, all.length - 1]) {
    using peer = await scene.connect(all.subarray(0, cut));
    await peer.send(all.subarray(cut));
    for (const [index, line] of lines.entries()) {
      const reply = await nextReply(peer, line.split(" ")[0]);
      assertEquals(reply.status, statuses[index], `${line} ${reply.head}`);
    }
    await peer.finish();
    assertEquals(await peer.rest(), new Uint8Array());
  }
});

Deno.test("Session sends no body in reply to HEAD, whatever the status", async () => {
  await using scene = new SessionScene();
  scene.live("secret", "456").append(new Uint8Array(1));
  for (
    const path of [
      "/",
      "/healthz",
      "/nobody",
      "/fier/secret",
      "/a/b/c",
      "/assets/none",
    ]
  ) {
    using get = await scene.connect(
      request(`GET ${path} HTTP/1.1`, "Connection: close"),
    );
    const expected = await nextReply(get);
    using peer = await scene.connect(request(`HEAD ${path} HTTP/1.1`));
    const reply = await nextReply(peer, "HEAD");
    assertEquals(reply.status, expected.status, path);
    const length = /content-length: (\d+)/;
    assertEquals(length.exec(reply.head)?.[1], length.exec(expected.head)?.[1]);
    await peer.send(request("GET /healthz HTTP/1.1"));
    assertEquals((await nextReply(peer)).body, "ok\n", path);
  }
});

const CLOSING: readonly [line: string, header: string][] = [
  ["GET /healthz HTTP/1.1", "Connection: close"],
  ["GET /healthz HTTP/1.1", "Connection: TE, Close"],
  ["GET /healthz HTTP/1.0", "Accept: */*"],
  ["POST /healthz HTTP/1.1", "Content-Length: 3"],
  ["GET /fier/x HTTP/1.0", "Accept: */*"],
];

for (const [line, header] of CLOSING) {
  Deno.test(`Session closes behind ${line} with ${header}`, async () => {
    await using scene = new SessionScene();
    using peer = await scene.connect(request(line, header));
    const { head } = await nextReply(peer);
    assert(head.includes("\r\nconnection: close\r\n"), head);
    assertEquals(await peer.rest(), new Uint8Array());
  });
}

Deno.test("Session keeps an HTTP/1.0 connection that asks for it", async () => {
  await using scene = new SessionScene();
  using peer = await scene.connect();
  for (let i = 0; i < 2; i++) {
    await peer.send(request("GET /healthz HTTP/1.0", "Connection: Keep-Alive"));
    assertEquals((await nextReply(peer)).body, "ok\n");
  }
});

Deno.test("Session closes a connection that stays idle or begins a request too slowly, and logs nothing", async () => {
  await using scene = new SessionScene({ limits: { keepAliveMs: 50 } });
  for (const begin of ["", "GET /hea"]) {
    using peer = await scene.connect(request("GET /healthz HTTP/1.1"));
    await nextReply(peer);
    await peer.send(encoder.encode(begin));
    assertEquals(await peer.rest(), new Uint8Array());
  }
  assertEquals(scene.log.all, []);
});

Deno.test("Session closes idle connections when the server shuts down, silent ones as well", async () => {
  await using scene = new SessionScene();
  using idle = await scene.connect(request("GET /healthz HTTP/1.1"));
  await nextReply(idle);
  using silent = await scene.connect();
  scene.shutDown();
  const began = performance.now();
  for (const peer of [idle, silent]) {
    assertEquals(await peer.rest(), new Uint8Array());
  }
  assertLess(performance.now() - began, 1400);
});

Deno.test("Session answers a malformed request behind a good one, and closes", async () => {
  await using scene = new SessionScene();
  using peer = await scene.connect(request("GET /healthz HTTP/1.1"));
  await nextReply(peer);
  await peer.send(
    encoder.encode("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
  );
  const { status, body } = await nextReply(peer);
  assertEquals([status, body], [400, "more than one Host\n"]);
  assertEquals(await peer.rest(), new Uint8Array());
});

Deno.test("Session asks for a body only once it is authorized", async () => {
  await using scene = new SessionScene();
  const lines = [
    "PUT /fier HTTP/1.1",
    "POST /fier HTTP/1.1",
  ];
  const framings = ["Content-Length: 10", "Transfer-Encoding: chunked"];
  const expects = "Expect: 100-continue";
  for (const line of lines) {
    for (const framing of framings) {
      using denied = await scene.connect(
        request(
          line,
          framing,
          expects,
          `Authorization: Basic ${btoa("fier:no")}`,
        ),
      );
      const { status, head } = await nextReply(denied);
      assertEquals(status, 401, head);
      using allowed = await scene.connect(
        request(
          line,
          framing,
          expects,
          `Authorization: Basic ${btoa("fier:123")}`,
        ),
      );
      assertEquals(await readHead(allowed), "HTTP/1.1 100 Continue\r\n\r\n");
      const media = framing.startsWith("Content")
        ? "0123456789"
        : "a\r\n0123456789\r\n0\r\n\r\n";
      await allowed.send(encoder.encode(media));
      assertEquals((await nextReply(allowed)).body, "ok\n");
    }
  }
  assertEquals(scene.hub.totals.receivedBytes, 40);
});

Deno.test("Session sends a channel to HTTP/1.0 without chunks until the connection closes", async () => {
  await using scene = new SessionScene();
  const broadcast = scene.live();
  broadcast.append(pattern(0, 100));
  using peer = await scene.connect(request("GET /fier?start=oldest HTTP/1.0"));
  const head = (await readHead(peer)).toLowerCase();
  assert(!head.includes("transfer-encoding"), head);
  assert(head.includes("\r\nconnection: close\r\n"), head);
  assertEquals(await peer.take(100), pattern(0, 100));
  broadcast.append(pattern(100, 100));
  broadcast.end("clean");
  assertEquals(await peer.rest(), pattern(100, 100));
});

Deno.test("Session ends chunks only when the channel ended, not when the watcher is cut", async () => {
  const last = "0\r\n\r\n";
  for (const ends of [true, false]) {
    await using scene = new SessionScene();
    const broadcast = scene.live();
    broadcast.append(new Uint8Array([1]));
    using peer = await scene.connect(
      request("GET /fier?start=oldest HTTP/1.1"),
    );
    const head = await readHead(peer);
    assert(head.toLowerCase().includes("transfer-encoding: chunked"), head);
    assertEquals(await peer.take(6), new Uint8Array([0x31, 13, 10, 1, 13, 10]));
    if (ends) broadcast.end("clean");
    else scene.cutAll("cut");
    const rest = new TextDecoder().decode(await peer.rest());
    assertEquals(rest, ends ? last : "");
    await eventually("it is closed", () => scene.connections === 0);
    const { reason, protocol } = await scene.log.wait("watch-end");
    assertEquals([reason, protocol], [
      ends ? "the channel ended" : "cut",
      "http",
    ]);
  }
});

Deno.test("Session answers each method it does not support 405, with what is allowed", async () => {
  await using scene = new SessionScene();
  for (const method of ["PROPFIND", "TRACE", "BREW", "get"]) {
    using peer = await scene.connect(request(`${method} /fier HTTP/1.1`));
    const { status, head } = await nextReply(peer);
    assertEquals(status, 405, method);
    assert(
      head.includes("\r\nallow: get, head, put, post, source, options\r\n"),
      head,
    );
    assertEquals(await peer.rest(), new Uint8Array());
  }
});

Deno.test("Session serves a page to a reader that takes nothing until it is cut, alone", async () => {
  await using scene = new SessionScene({ stallMs: 100 });
  const many = new Uint8Array(
    Array.from({ length: 400 }, () => [...request("GET / HTTP/1.1")]).flat(),
  );
  using deaf = await scene.connect();
  await deaf.send(many).catch(() => {}); // More pages than fit into any buffer.
  using beside = await scene.connect(request("GET /healthz HTTP/1.1"));
  assertEquals((await nextReply(beside)).body, "ok\n");
  await eventually(
    "only one connection is left",
    () => scene.connections === 1,
  );
  await beside.send(request("GET /healthz HTTP/1.1"));
  assertEquals((await nextReply(beside)).body, "ok\n");
});

Deno.test("Session logs why a reader is cut that does not take its pages", async () => {
  await using scene = new SessionScene({ stallMs: 100 });
  using deaf = await scene.connect();
  const some = new Uint8Array(
    Array.from({ length: 60 }, () => [...request("GET / HTTP/1.1")]).flat(),
  );
  // More pages than fit into any buffer, and never more requests at once than may wait.
  for (let round = 0; round < 4; round++) {
    await deaf.send(some).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { code, reason } = await scene.log.wait("refused");
  assertEquals(code, "limit"); // It is no failure of the server.
  assertOverrun(reason, "took no byte", 0.1);
});

Deno.test("Session survives clients that leave while refusals are being written", async () => {
  await using scene = new SessionScene();
  const refused = request("GET /fier HTTP/1.1");
  for (let count = 1; count <= 5; count++) {
    using peer = await scene.connect(
      new Uint8Array(Array(count).fill([...refused]).flat()),
    );
    await readHead(peer);
    peer.close();
  }
  await eventually("all are gone", () => scene.connections === 0);
});
