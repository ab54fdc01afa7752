import { assertEquals } from "@std/assert";
import { FramedPeer } from "../helpers/framed_peer.ts";
import {
  PASSWORD,
  startTestServer,
  type TestServer,
} from "../helpers/start_server.ts";
import type { Config } from "../../lib/config/config.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

const BROADCAST = `broadcast,user=fier,user_password=${PASSWORD}`;

/** Starts servers that share a NATS, and waits until they are connected. */
async function startNodes(
  nats: NatsProcess,
  count: number,
  config: Partial<Config> = {},
): Promise<TestServer[]> {
  const nodes = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startTestServer({
        config: { nats: [nats.url], node: `n${index}`, ...config },
      })),
  );
  await Promise.all(nodes.map(({ log }) => log.wait("cluster-up")));
  return nodes;
}

async function close(nodes: readonly TestServer[]): Promise<void> {
  await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
}

function bytesAt(offset: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (offset + i) % 251);
}

Deno.test({
  ...needsNats("a channel of one server is watched at another"),
  fn: async () => {
    await using nats = await NatsProcess.start();
    const nodes = await startNodes(nats, 2);
    try {
      using peer = await FramedPeer.connect(
        nodes[0]!.address,
        `${BROADCAST},bufsize=1000`,
      );
      const id = (await peer.messageOf("ok")).get("id");
      await peer.media(bytesAt(0, 200_000));
      await peer.messageOf("received");
      using watcher = await FramedPeer.connect(
        nodes[1]!.address,
        "watch,user=fier,start=oldest",
      );
      const ok = await watcher.messageOf("ok");
      assertEquals([ok.get("id"), ok.get("offset")], [id, "0"]);
      assertEquals(await watcher.take(200_000), bytesAt(0, 200_000));
      await peer.media(bytesAt(200_000, 5000));
      assertEquals(await watcher.take(5000), bytesAt(200_000, 5000));
      await peer.text("end");
      assertEquals((await watcher.messageOf("end")).get("reason"), "ended");
    } finally {
      await close(nodes);
    }
  },
});
