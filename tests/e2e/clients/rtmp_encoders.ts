/**
 * Encoders that speak RTMP: what they send reaches a watcher that waited for them, as FLV.
 *
 * @module
 */

import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { decode } from "../../helpers/ffmpeg.ts";
import { PASSWORD } from "../../helpers/start_server.ts";
import { type Broadcast, watchWhile } from "./broadcasting_clients.ts";
import { RTMP2SINK } from "./missing_programs.ts";
import type { ClientRow, ClientScene, Ran } from "./client_scene.ts";
import { clip, CLIP_FRAMES } from "./media.ts";

/** `rtmp://HOST/fier/CHANNEL?password=…`, as one address. */
function urlOf({ host }: ClientScene, channel: string): string {
  return `rtmp://${host}/fier/${channel}?password=${PASSWORD}`;
}

/** ffmpeg, with address and key in any form that it takes. */
function ffmpeg(
  more: (scene: ClientScene, channel: string) => readonly string[],
): Broadcast {
  return async (scene, channel) => {
    const file = await scene.file("clip.ts", await clip());
    const input = ["-v", "error", "-re", "-i", file, "-c", "copy", "-f", "flv"];
    return await scene.run("ffmpeg", [...input, ...more(scene, channel)]);
  };
}

async function rtmp2sink(scene: ClientScene, channel: string): Promise<Ran> {
  const file = await scene.file("clip.ts", await clip());
  const pipeline = `filesrc location=${file} ! tsdemux name=demux ` +
    "demux. ! queue ! h264parse ! mux. demux. ! queue ! aacparse ! mux. " +
    "flvmux name=mux streamable=true ! " +
    `rtmp2sink location=${urlOf(scene, channel)}`;
  return await scene.run("gst-launch-1.0", ["-q", ...pipeline.split(" ")]);
}

function encoder(
  name: string,
  programs: readonly string[],
  broadcast: Broadcast,
): ClientRow {
  async function run(scene: ClientScene, channel: string): Promise<void> {
    const got = await watchWhile(scene, channel, broadcast);
    assertEquals(new TextDecoder().decode(got.subarray(0, 3)), "FLV");
    const { frames, errors, keyFirst } = await decode(got, "flv");
    assertEquals([errors, keyFirst], [[], true]);
    assertGreaterOrEqual(frames, CLIP_FRAMES);
  }
  return { name: `${name} broadcasts`, programs, protocol: "rtmp", run };
}

/** All of them. */
export const RTMP_ENCODERS: readonly ClientRow[] = [
  encoder(
    "ffmpeg rtmp://",
    ["ffmpeg"],
    ffmpeg((scene, channel) => [urlOf(scene, channel)]),
  ),
  encoder(
    "ffmpeg with the stream key for itself",
    ["ffmpeg"],
    ffmpeg(({ host }, channel) => [
      ...["-rtmp_app", "fier", "-rtmp_playpath"],
      ...[`${channel}?password=${PASSWORD}`, `rtmp://${host}/`],
    ]),
  ),
  encoder(
    "GStreamer's rtmp2sink",
    ["gst-launch-1.0", RTMP2SINK, "ffmpeg"],
    rtmp2sink,
  ),
];
