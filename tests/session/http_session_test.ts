import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer } from "../helpers/raw_peer.ts";
import { broadcasting, broadcastText, Bystander } from "./live_channel.ts";
import { readHead } from "../helpers/read_head.ts";
import { basic, FedBody, inTime, MediaReader } from "./http_scene.ts";
import { deafViewer, startWebSite, type WebSite } from "./web_site.ts";
import { assertOverrun } from "../helpers/overrun.ts";

/** Milliseconds in which a server has closed. */
const CLOSE_MS = 2000;

/** Milliseconds more on a machine that is busy with other tests, when everything is used up. */
const BUSY_MS = 1000;

/** Asks for the channel of `fier`, and reads what comes. */
async function watch({ web }: WebSite, query = ""): Promise<MediaReader> {
  return new MediaReader(await inTime(fetch(`http://${web}/fier${query}`)));
}

/** An HTTP peer that reads only when it is asked to. */
async function rawHttp({ web }: WebSite, text: string): Promise<RawPeer> {
  const [host = "", port] = web.split(":");
  const bytes = new TextEncoder().encode(text);
  return await RawPeer.connect({ host, port: Number(port) }, bytes);
}

Deno.test("HTTP watchers are sent media to the last byte", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  await broadcaster.send(pattern(0, 1000));
  const media = await watch(site, "?start=oldest");
  assertEquals(await media.take(1000), pattern(0, 1000));
  await broadcaster.send(pattern(1000, 200_000));
  await broadcaster.finish();
  assertEquals(await media.rest(), pattern(1000, 200_000));
});

Deno.test("HTTP watchers that leave free their place, during the media and before", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  // Not a byte has come: the answer waits until it is known what it will be.
  const early = await rawHttp(site, "GET /fier HTTP/1.1\r\nHost: a\r\n\r\n");
  await eventually(
    "the channel has a watcher",
    () => site.server.hub.channels()[0]!.watchers === 1,
  );
  early.close();
  await broadcaster.send(new Uint8Array(10));
  const media = await watch(site, "?start=oldest");
  await media.take(10);
  await media.leave();
  const goOn = setInterval(() => broadcaster.send(new Uint8Array(10)), 20);
  await eventually(
    "the channel has no watcher",
    () => site.server.hub.channels()[0]!.watchers === 0,
  );
  clearInterval(goOn);
});

Deno.test("HTTP watchers that take nothing are cut, and no other", async () => {
  await using site = await startWebSite({ watcherStall: 1 });
  using bystander = await Bystander.open(site);
  using broadcaster = await broadcasting(site, broadcastText("fier"), 2);
  await broadcaster.send(new Uint8Array(10));
  using _stalled = await rawHttp(
    site,
    "GET /fier HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  await site.log.wait("watch-start", 2);
  const burst = new Uint8Array(1024 * 1024);
  while (site.log.named("watch-end").length === 0) {
    await broadcaster.send(burst);
    await bystander.assertServed();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { user, reason } = await site.log.wait("watch-end");
  assertEquals(user, "fier");
  assertOverrun(reason, "took no byte", 1);
});

Deno.test("A chunked PUT ends cleanly, one that breaks off is held", async () => {
  await using site = await startWebSite();
  const head =
    "PUT /fier HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" +
    `Authorization: Basic ${btoa("fier:123")}\r\n\r\n4\r\nabcd\r\n`;
  using broken = await rawHttp(site, head);
  const { hub } = site.server;
  await eventually(
    "all bytes have arrived",
    () => hub.totals.receivedBytes === 4,
  );
  broken.close();
  await site.log.wait("channel-hold");
  using whole = await rawHttp(site, `${head}0\r\n\r\n`);
  const answer = new TextDecoder().decode(await whole.take(15));
  assertEquals(answer, "HTTP/1.1 200 OK");
  const { reason } = await site.log.wait("broadcast-end", 2);
  assertEquals(reason, "the broadcast ended");
  assertEquals(hub.channels(), []);
});

Deno.test("SOURCE and PUT without a length are challenged, and accepted on the same connection", async () => {
  await using site = await startWebSite();
  for (const [index, method] of ["PUT", "SOURCE"].entries()) {
    const head = `${method} /fier HTTP/1.1\r\nHost: ${site.web}\r\n`;
    using source = await rawHttp(site, `${head}\r\n`);
    const challenge = await readHead(source);
    assert(challenge.startsWith("HTTP/1.1 401 Unauthorized\r\n"), challenge);
    assertStringIncludes(challenge, "\r\nwww-authenticate: Basic realm=");
    await source.take(Number(/content-length: (\d+)/.exec(challenge)?.[1]));
    const auth = `Authorization: Basic ${btoa("source:123")}\r\n`;
    await source.send(new TextEncoder().encode(`${head}${auth}\r\nID3`));
    await site.log.wait("broadcast-start", index + 1);
    await source.finish();
    const { bytes, reason } = await site.log.wait("broadcast-end", index + 1);
    assertEquals([bytes, reason], [3, "the broadcast ended"]);
  }
});

Deno.test("Server.close() ends HTTP watchers with every byte, and cuts broadcasters, in time", async () => {
  await using site = await startWebSite();
  const body = new FedBody();
  const init = {
    method: "PUT",
    body: body.stream,
    headers: basic("fier", "123"),
  };
  const put = fetch(`http://${site.web}/fier`, init).then(
    async (answer) => `${answer.status} ${await answer.text()}`,
    () => "cut",
  );
  await site.log.wait("broadcast-start");
  body.send(...pattern(0, 5000));
  const media = await watch(site, "?start=oldest");
  const begin = await media.take(100);
  assertEquals(begin, pattern(0, 100));
  const began = performance.now();
  const closed = site.server.close();
  assertEquals(await media.rest(), pattern(100, 4900));
  assert(["409 the server is shutting down\n", "cut"].includes(await put));
  await closed;
  assertLess(performance.now() - began, CLOSE_MS);
  await assertRejects(() => fetch(`http://${site.web}/healthz`));
});

Deno.test("Server.close() cuts HTTP watchers and viewers that take nothing, in time", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  await broadcaster.send(new Uint8Array(10));
  const get = "GET /fier HTTP/1.1\r\nHost: a\r\n\r\n";
  using _watcher = await rawHttp(site, get);
  using _viewer = await deafViewer(site);
  await site.log.wait("watch-start", 2);
  const burst = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 40; i++) await broadcaster.send(burst);
  const began = performance.now();
  await site.server.close();
  assertLess(performance.now() - began, CLOSE_MS + BUSY_MS);
  await site.log.wait("watch-end", 2);
});
