import { assertEquals, assertMatch } from "@std/assert";
import { fromRoot } from "../helpers/root.ts";
import type { TestServer } from "../helpers/start_server.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { BROADCAST, Nodes, pause } from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

/** Bytes of a frame of media. */
const FRAME_BYTES = 3000;

/** How often the sample is sent: some segments. */
const TIMES = 4;

async function ask(
  { address }: TestServer,
  path: string,
): Promise<{ status: number; bytes: Uint8Array; text: string }> {
  const url = `http://${address.host}:${address.port}/fier/hall/${path}`;
  const answer = await fetch(url);
  const bytes = await answer.bytes();
  const text = new TextDecoder().decode(bytes);
  return { status: answer.status, bytes, text };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!;
}

Deno.test({
  ...needsNats(
    "a player of HLS continues at another server with the addresses of the first, password or not",
  ),
  fn: async () => {
    const film = await Deno.readFile(
      fromRoot("tests/vectors/media/mpegts_h264_aac.mpegts"),
    );
    await using nats = await NatsProcess.start();
    await using nodes = await Nodes.start(nats, 2);
    const key = "channel_password=456";
    const peer = await FramedPeer.connect(
      nodes.at(0).address,
      `${BROADCAST},channel=hall,${key}`,
    );
    await peer.messageOf("ok");
    for (let i = 0; i < TIMES; i++) {
      for (let at = 0; at < film.length; at += FRAME_BYTES) {
        await peer.media(film.subarray(at, at + FRAME_BYTES));
      }
    }
    await pause(2500); // Until every server knows the key of the other.
    const index = await ask(nodes.at(0), `index.m3u8?${key}`);
    const live = lastLine(index.text);
    assertMatch(live, /^live\.m3u8\?expires=\d+&signature=[\w-]+&key=\w+$/);
    const playlist = await ask(nodes.at(0), live);
    const segment = lastLine(playlist.text);
    const here = await ask(nodes.at(0), segment);
    const there = await ask(nodes.at(1), segment);
    assertEquals([here.status, there.status], [200, 200], there.text);
    assertEquals(there.bytes, here.bytes);
    assertEquals((await ask(nodes.at(1), live)).status, 200);
    for (const wrong of [/signature=./, /key=./]) {
      const odd = segment.replace(wrong, (text) => text.replace(/.$/, "*"));
      assertEquals((await ask(nodes.at(1), odd)).status, 403, odd);
    }
    peer.close();
  },
});
