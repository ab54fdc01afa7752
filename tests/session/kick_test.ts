import { assertEquals, assertLess } from "@std/assert";
import { pattern } from "../helpers/pattern.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import type { TestServer } from "../helpers/start_server.ts";
import { broadcasting, broadcastText } from "./live_channel.ts";
import { SocketClient, startWebSite } from "./web_site.ts";

const TEXT = broadcastText("fier", ",bufsize=1000");

const WHY = "disconnected by ops";

/** Disconnects everybody who watches; returns what the log then says of one. */
async function kickAll({ server, log }: TestServer): Promise<unknown> {
  for (const channel of server.hub.channels()) {
    for (const watcher of channel.audience) watcher.kick(WHY);
  }
  return (await log.wait("watch-end")).reason;
}

Deno.test("Watcher.kick() tells a framed watcher that it should not come back", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, TEXT);
  using watcher = await FramedPeer.connect(site.address, "watch,user=fier");
  await site.log.wait("watch-start");
  await broadcaster.send(pattern(0, 1000));
  await watcher.message();
  await watcher.take(1000);
  assertEquals(await kickAll(site), WHY);
  const end = await watcher.messageOf("end");
  assertEquals([end.get("reason"), end.get("message")], ["kicked", WHY]);
});

Deno.test("Watcher.kick() closes a WebSocket with a code of its own", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, TEXT);
  await broadcaster.send(pattern(0, 1000));
  await using client = await SocketClient.open(
    site.web,
    "/fier",
    { verb: "watch" },
  );
  await site.log.wait("watch-start");
  assertEquals(await kickAll(site), WHY);
  assertEquals(await client.closed(), [4410, WHY]);
});

Deno.test("Watcher.kick() cuts one that does not read, within seconds", async () => {
  await using site = await startWebSite();
  using broadcaster = await broadcasting(site, TEXT);
  using deaf = await RawPeer.connect(
    site.address,
    requestBytes("watch,user=fier"),
  );
  await site.log.wait("watch-start");
  const [watcher] = site.server.hub.channels()[0]!.audience;
  // More than all buffers on the way hold.
  for (let i = 0; i < 200 && watcher!.lag!.bytes === 0; i++) {
    await broadcaster.send(pattern(0, 512 * 1024));
  }
  const began = performance.now();
  assertEquals(await kickAll(site), WHY);
  assertLess(performance.now() - began, 5000);
  deaf.close();
});
