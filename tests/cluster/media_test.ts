/**
 * Real media over several servers: joined late at any of them, continued at others by its broadcaster and its watchers.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes";
import type { Address } from "../../lib/net/address.ts";
import { eventually } from "../helpers/eventually.ts";
import { FramedPeer } from "../helpers/framed_peer.ts";
import { fromRoot } from "../helpers/root.ts";
import { BROADCAST, Nodes } from "./cluster_scene.ts";
import { NatsProcess, needsNats } from "./nats_process.ts";

/** Twelve containers. */
const SAMPLES: readonly string[] = [
  ...["mpegts_h264_aac.mpegts", "fmp4_h264_aac.mp4", "matroska_h264_aac.mkv"],
  ...["webm_opus.webm", "flv_h264_aac.flv", "ogg_opus.ogg", "mp3_plain.mp3"],
  ...["adts.aac", "h264_default.h264", "hevc_closed.hevc", "nut_h264_aac.nut"],
  ...["mpegps_vob.vob"],
];

/** Bytes of a frame, so that media arrives in pieces. */
const FRAME_BYTES = 3000;

async function sendAll(peer: FramedPeer, media: Uint8Array): Promise<void> {
  for (let at = 0; at < media.length; at += FRAME_BYTES) {
    await peer.media(media.subarray(at, at + FRAME_BYTES));
  }
}

/** What a watcher was sent. */
interface Sent {
  readonly lead: Uint8Array;
  readonly media: Uint8Array;
}

/** Reads until the end, or until so much media has come. */
async function read(peer: FramedPeer, most = Infinity): Promise<Sent> {
  const [lead, media]: [Uint8Array[], Uint8Array[]] = [[], []];
  for (let had = 0; had < most;) {
    const item = await peer.next();
    if (!item) break;
    if (item instanceof Uint8Array) {
      media.push(item);
      had += item.length;
    } else if (item.type === "lead") lead.push(item.bytes);
  }
  return { lead: concat(lead), media: concat(media) };
}

/** Watches from the oldest join point. */
async function watchOldest(
  address: Address,
): Promise<{ peer: FramedPeer; from: number }> {
  const request = "watch,user=fier,start=oldest";
  const peer = await FramedPeer.connect(address, request);
  const from = Number((await peer.messageOf("ok")).get("offset"));
  return { peer, from };
}

for (const name of SAMPLES) {
  Deno.test({
    ...needsNats(`broadcaster and watchers continue at other servers: ${name}`),
    fn: async () => {
      const media = await Deno.readFile(
        fromRoot(`tests/vectors/media/${name}`),
      );
      const [third, half] = [media.length / 3 | 0, media.length / 2 | 0];
      await using nats = await NatsProcess.start();
      await using nodes = await Nodes.start(nats, 3);
      const [a, b, c] = nodes.all.map(({ address }) => address);
      using first = await FramedPeer.connect(a!, BROADCAST);
      const ok = await first.messageOf("ok");
      const [id, secret] = [ok.get("id"), ok.get("resume")];
      await sendAll(first, media.subarray(0, half));
      await eventually(
        "the first half has arrived",
        () => nodes.at(0).server.hub.find("fier", "default")!.log.last === half,
      );
      const { peer: stays, from } = await watchOldest(b!);
      const { peer: leaves } = await watchOldest(c!);
      const before = (await read(leaves, third)).media;
      const left = from + before.length;
      leaves.close();
      first.close();
      using second = await FramedPeer.connect(
        c!,
        `broadcast,user=fier,resume=${secret}`,
      );
      const resumed = await second.messageOf("ok");
      assertEquals([resumed.get("id"), resumed.get("received")], [
        id,
        `${half}`,
      ]);
      using comes = await FramedPeer.connect(
        a!,
        `watch,user=fier,resume=${id}:${left}`,
      );
      assertEquals((await comes.messageOf("ok")).get("offset"), `${left}`);
      await sendAll(second, media.subarray(half));
      await eventually(
        "every server has everything",
        () =>
          nodes.all.every(({ server }) =>
            server.hub.find("fier", "default")?.broadcast.receivedBytes ===
              media.length
          ),
      );
      const late = [a!, b!, c!].map((address) =>
        FramedPeer.connect(address, "watch,user=fier")
      );
      const joined = await Promise.all(late);
      for (const peer of joined) await peer.messageOf("ok");
      await second.text("end");
      const expected = media.subarray(from);
      assertEquals((await read(stays)).media, expected);
      const after = (await read(comes)).media;
      assertEquals(concat([before, after]), expected);
      const sent = await Promise.all(joined.map((peer) => read(peer)));
      assertEquals(sent[1], sent[0]);
      assertEquals(sent[2], sent[0]);
      for (const peer of [stays, ...joined]) peer.close();
    },
  });
}
