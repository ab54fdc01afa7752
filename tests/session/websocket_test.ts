import "../helpers/fast_ticks.ts";
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { concat } from "@std/bytes";
import { clipFile } from "../../lib/demo/clip.ts";
import { eventually } from "../helpers/eventually.ts";
import { pattern } from "../helpers/pattern.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { broadcasting, broadcastText, Bystander } from "./live_channel.ts";
import { inTime } from "./http_scene.ts";
import { SocketClient, startWebSite } from "./web_site.ts";
import { assertOverrun } from "../helpers/overrun.ts";

const WATCH = { verb: "watch" };
const BROADCAST = { verb: "broadcast", "user_password": "123" };

/** First messages, and how they are answered. */
const REFUSED: readonly [
  name: string,
  request: object | string | Uint8Array<ArrayBuffer>,
  code: number,
  reason: string,
][] = [
  ["no JSON", "{", 4400, "the first message is not a JSON object"],
  ["null", "null", 4400, "the first message is not a JSON object"],
  ["no object", '"watch"', 4400, "unknown verb"],
  ["no verb", "{}", 4400, "unknown verb"],
  ["an empty text", "", 4400, "the first message is not a JSON object"],
  ["a verb that is no text", { verb: ["watch"] }, 4400, "unknown verb"],
  [
    "bytes",
    new Uint8Array([123, 125]),
    4400,
    "the request comes before media",
  ],
  [
    "a long text",
    { ...WATCH, x: "y".repeat(4096) },
    1009,
    "text message of at least 4119 bytes exceeds 4096",
  ],
  [
    "a verb of POST",
    { verb: "token", user_password: "123" },
    4400,
    "POST /api/token issues tokens",
  ],
  [
    "a start",
    { ...WATCH, start: "now" },
    4400,
    "start must be one of join live oldest",
  ],
  [
    "an unknown format",
    { ...BROADCAST, format: "nonsense" },
    4400,
    "unknown format",
  ],
  ["no password", { verb: "broadcast" }, 4401, "access denied"],
  [
    "a wrong password",
    { ...BROADCAST, user_password: "1" },
    4401,
    "access denied",
  ],
  ["a channel that is not live", WATCH, 4404, "the channel is not live"],
];

Deno.test("openWebSocket() closes what it refuses with a code and a reason", async (t) => {
  await using site = await startWebSite();
  using bystander = await Bystander.open(site);
  for (const [name, request, code, reason] of REFUSED) {
    await t.step(name, async () => {
      await using client = await SocketClient.open(site.web, "/fier", request);
      assertEquals(await client.closed(), [code, reason]);
      await bystander.assertServed();
    });
  }
});

Deno.test("openWebSocket() takes passwords in the message alone", async () => {
  await using site = await startWebSite();
  using _secret = await broadcasting(
    site,
    broadcastText("fier", ",channel_password=456"),
  );
  for (const path of ["/fier", "/fier?channel_password=456&verb=watch"]) {
    await using client = await SocketClient.open(site.web, path, WATCH);
    assertEquals(await client.closed(), [4401, "access denied"]);
  }
  const request = { ...WATCH, "channel_password": 456 };
  await using client = await SocketClient.open(site.web, "/fier", request);
  await client.message("ok");
  const query = "/fier/x?user_password=123&verb=broadcast";
  await using thief = await SocketClient.open(site.web, query, {
    verb: "broadcast",
  });
  assertEquals(await thief.closed(), [4401, "access denied"]);
});

Deno.test("watchOverWebSocket() describes the stream, sends it, and reports status", async () => {
  await using site = await startWebSite();
  const more = ",bufsize=1000,channel=a/b %3Cä";
  using broadcaster = await broadcasting(site, broadcastText("fier", more));
  await broadcaster.send(pattern(0, 2500));
  const path = `/fier/${encodeURIComponent("a/b %3Cä")}`;
  await eventually(
    "all bytes have arrived",
    () => site.server.hub.totals.receivedBytes === 2500,
  );
  await using client = await SocketClient.open(site.web, path, WATCH);
  assertEquals(await client.next("ok", "stream", "bytes"), { type: "ok" });
  const stream = await client.message("stream");
  assertEquals([stream.container, stream.codecs], ["raw", []]);
  assertEquals(typeof stream.gap, "number");
  assertEquals(await client.media(), pattern(2000, 500));
  const { watchers, age } = await client.message("status");
  assertEquals([watchers, typeof age], [1, "number"]);
  await broadcaster.send(pattern(2500, 10));
  assertEquals(await client.media(), pattern(2500, 10));
  await broadcaster.finish();
  assertEquals(await client.closed(), [1000, "the channel ended"]);
  const { bytes } = await site.log.wait("watch-end");
  assertEquals(bytes, 510);
});

Deno.test("watchOverWebSocket() describes a stream that has just begun once it is recognised", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, broadcastText("fier", ""));
  await using client = await SocketClient.open(site.web, "/fier", WATCH);
  await client.message("ok");
  const clip = clipFile();
  // Too little to tell the container, then the rest.
  await broadcaster.send(clip.subarray(0, 3));
  await eventually(
    "the first bytes have arrived",
    () => site.server.hub.totals.receivedBytes === 3,
  );
  await broadcaster.send(clip.subarray(3, 20_000));
  const { container, codecs } = await client.message("stream");
  assertEquals([container, codecs], ["webm", ["vp8", "opus"]]);
});

Deno.test("watchOverWebSocket() announces a hold, and describes the next broadcast", async () => {
  await using site = await startWebSite();
  const text = broadcastText("fier", ",bufsize=10,hold=60");
  using first = await broadcasting(site, text);
  await first.send(pattern(0, 10));
  const request = { ...WATCH, start: "oldest" };
  await using client = await SocketClient.open(site.web, "/fier", request);
  await client.message("stream");
  assertEquals(await client.media(), pattern(0, 10));
  await first.finish();
  await client.message("held");
  using second = await broadcasting(site, text, 2);
  await second.send(pattern(10, 10));
  await client.message("stream");
  assertEquals(await client.media(), pattern(10, 10));
});

Deno.test("watchOverWebSocket() gives the place back when a viewer leaves, waiting or watching", async () => {
  await using site = await startWebSite({ connectionsPerNetwork: 4 });
  const wait = { ...WATCH, wait: 60 };
  const waiting = await SocketClient.open(site.web, "/fier", wait);
  await site.log.wait("watch-wait");
  await waiting.close();
  await site.log.wait("refused");
  using _broadcaster = await broadcasting(site, broadcastText("fier"));
  for (let i = 1; i <= 3; i++) {
    const viewer = await SocketClient.open(site.web, "/fier", WATCH);
    await viewer.message("ok");
    await viewer.close(i === 1 ? 1000 : 3000 + i);
    const { reason } = await site.log.wait("watch-end", i);
    assertEquals(reason, "the watcher left");
  }
  assertEquals(site.server.hub.channels()[0]?.watchers, 0);
});

Deno.test("openWebSocket() counts its connection like every other", async () => {
  await using site = await startWebSite({ connections: 2 });
  using broadcaster = await broadcasting(site, broadcastText("fier"));
  await broadcaster.send(new Uint8Array(1));
  await using viewer = await SocketClient.open(site.web, "/fier", WATCH);
  await viewer.message("ok");
  await assertRejects(() => SocketClient.open(site.web, "/fier", WATCH));
  const { code, reason } = await site.log.wait("refused");
  assertEquals([code, reason], ["limit", "2 connections in all are allowed"]);
  await viewer.close();
  await site.log.wait("watch-end");
  const free = async (): Promise<SocketClient> => {
    for (;;) {
      const open = SocketClient.open(site.web, "/fier", WATCH);
      const client = await open.catch(() => undefined);
      if (client) return client;
    }
  };
  await using again = await inTime(free());
  await again.message("ok");
});

Deno.test("broadcastOverWebSocket() publishes messages, reports status, and ends cleanly", async () => {
  await using site = await startWebSite();
  const request = { ...BROADCAST, "channel_password": "456" };
  const broadcaster = await SocketClient.open(site.web, "/fier/x", request);
  await broadcaster.message("ok");
  using watcher = await RawPeer.connect(
    site.address,
    requestBytes("watch,user=fier,channel=x,channel_password=456,start=oldest"),
  );
  await site.log.wait("watch-start");
  broadcaster.send(pattern(0, 300));
  broadcaster.send("not media");
  broadcaster.send(pattern(300, 300));
  assertEquals(await watcher.take(600), pattern(0, 600));
  const { watchers, received } = await broadcaster.message("status");
  assertEquals([watchers, received], [1, 600]);
  await broadcaster.close();
  assertEquals(await watcher.rest(), new Uint8Array());
  const { bytes, reason } = await site.log.wait("broadcast-end");
  assertEquals([bytes, reason], [600, "the broadcast ended"]);
});

Deno.test("broadcastOverWebSocket() loses nothing that comes right behind the first message", async () => {
  await using site = await startWebSite({}, true);
  using watcher = await RawPeer.connect(
    site.address,
    requestBytes("watch,user=fier,wait=60"),
  );
  await site.log.wait("watch-wait");
  const early = [pattern(0, 500), pattern(500, 500)];
  const broadcaster = await SocketClient.open(
    site.web,
    "/fier",
    BROADCAST,
    ...early,
  );
  await broadcaster.close();
  assertEquals(await watcher.rest(), pattern(0, 1000));
});

Deno.test("broadcastOverWebSocket() holds the channel unless it is closed with code 1000", async () => {
  await using site = await startWebSite();
  const broadcaster = await SocketClient.open(site.web, "/fier", BROADCAST);
  await broadcaster.message("ok");
  await broadcaster.close(3001);
  const { reason } = await site.log.wait("broadcast-end");
  assertEquals(reason, "the page closed with code 3001");
  await site.log.wait("channel-hold");
});

Deno.test("broadcastOverWebSocket() says why a channel is taken away, and cuts a silent broadcaster", async () => {
  await using site = await startWebSite({ broadcasterIdle: 1 });
  await using first = await SocketClient.open(site.web, "/fier", BROADCAST);
  await first.message("ok");
  await using second = await SocketClient.open(site.web, "/fier", BROADCAST);
  const [code, reason] = await first.closed();
  assertEquals(code, 4409);
  assert(reason.startsWith("taken over"), reason);
  const [late, silent] = await second.closed();
  assertEquals(late, 4008);
  assertOverrun(silent, "sent no byte", 1);
  await site.log.wait("channel-hold");
});

Deno.test("openWebSocket() cuts a peer that sends no request", async () => {
  await using site = await startWebSite({ requestTime: 0.1 });
  await using client = await SocketClient.open(site.web, "/fier");
  assertEquals(await client.closed(), [
    4400,
    "the request took more than 0.1 s",
  ]);
});

Deno.test("Server.close() ends viewers with every byte, and every WebSocket with 1001", async () => {
  await using site = await startWebSite();
  await using broadcaster = await SocketClient.open(
    site.web,
    "/fier",
    BROADCAST,
  );
  await broadcaster.message("ok");
  await using viewer = await SocketClient.open(site.web, "/fier", {
    ...WATCH,
    start: "oldest",
  });
  await using waiting = await SocketClient.open(site.web, "/fier/x", {
    ...WATCH,
    wait: 60,
  });
  await using mute = await SocketClient.open(site.web, "/fier");
  await site.log.wait("watch-wait");
  await viewer.message("ok");
  broadcaster.send(pattern(0, 5000));
  await eventually(
    "all bytes have arrived",
    () => site.server.hub.totals.receivedBytes === 5000,
  );
  const began = performance.now();
  const closed = site.server.close();
  const media: Uint8Array[] = [];
  while (concat(media).length < 5000) media.push(await viewer.media());
  assertEquals(concat(media), pattern(0, 5000));
  assertEquals(await viewer.closed(), [1001, "the channel ended"]);
  for (const client of [broadcaster, waiting, mute]) {
    assertEquals(await client.closed(), [1001, "the server is shutting down"]);
  }
  await closed;
  assertLess(performance.now() - began, 2000);
});
