/**
 * Clients that watch: each waits for a channel, and gets all of its broadcast.
 *
 * @module
 */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { equals } from "@std/bytes";
import { decode } from "../../helpers/ffmpeg.ts";
import { RawPeer, requestBytes } from "../../helpers/raw_peer.ts";
import { broadcastText } from "../../session/live_channel.ts";
import type { ClientRow, ClientScene, Ran } from "./client_scene.ts";
import { BYTES, clip, CLIP_FRAMES } from "./media.ts";
import { watchByPython, watchByWs } from "./websocket_clients.ts";

/**
 * Pictures that a player may drop at the start: VLC begins where its clock is known, behind the first
 * ones.
 */
const PLAYER_LEEWAY = 10;

/** Runs a client that watches. */
type Watch = (scene: ClientScene, channel: string) => Promise<Ran>;

/** Broadcasts something for a client that waits for it, and returns what the client did. */
async function broadcastTo(
  scene: ClientScene,
  channel: string,
  media: Uint8Array<ArrayBuffer>,
  watch: Watch,
): Promise<Ran> {
  const ran = watch(scene, channel);
  await scene.log.wait("watch-wait", 1, { channel });
  const text = broadcastText("fier", `,channel=${channel}`);
  using broadcaster = await RawPeer.connect(scene.address, requestBytes(text));
  await scene.log.wait("watch-start", 1, { channel });
  await broadcaster.send(media);
  await broadcaster.finish();
  const done = await ran;
  assert(done.success, done.stderr);
  return done;
}

/** A client that hands on what it is sent. */
function exact(
  name: string,
  programs: readonly string[],
  protocol: ClientRow["protocol"],
  watch: Watch,
): ClientRow {
  async function run(scene: ClientScene, channel: string): Promise<void> {
    const { stdout } = await broadcastTo(scene, channel, BYTES, watch);
    assertEquals(stdout.length, BYTES.length);
    assert(equals(stdout, BYTES), "the bytes differ");
  }
  return { name: `${name} watches`, programs, protocol, run };
}

/** A client that plays. */
function player(
  name: string,
  programs: readonly string[],
  watch: Watch,
  frames: (scene: ClientScene) => Promise<number>,
): ClientRow {
  async function run(scene: ClientScene, channel: string): Promise<void> {
    await broadcastTo(scene, channel, await clip(), watch);
    assertGreaterOrEqual(await frames(scene), CLIP_FRAMES - PLAYER_LEEWAY);
  }
  const needed = [...programs, "ffmpeg"];
  return { name: `${name} watches`, programs: needed, protocol: "http", run };
}

function fstreamClient(
  name: string,
  protocol: ClientRow["protocol"],
  args: (channel: string) => readonly string[],
): ClientRow {
  return exact(
    name,
    [],
    protocol,
    (scene, channel) => scene.runFstream(args(channel)),
  );
}

function ncat(version: 1 | 2): ClientRow {
  return exact(
    `ncat, version ${version}`,
    ["ncat"],
    `fstream${version}`,
    (scene, channel) => {
      const text = `watch,user=fier,channel=${channel},wait=60`;
      const { host, port } = scene.address;
      // A watcher that ends its own side waits no longer, but it watches on.
      const live = scene.log.wait("watch-start", 1, { channel });
      const request = requestBytes(text, version);
      return scene.runOpen("ncat", [host, `${port}`], request, live);
    },
  );
}

function curl(flags: readonly string[]): ClientRow {
  return exact(
    ["curl", ...flags].join(" "),
    ["curl"],
    "http",
    (scene, channel) =>
      scene.run("curl", ["-sSf", ...flags, waiting(scene, channel)]),
  );
}

function waiting(scene: ClientScene, channel: string): string {
  return `${scene.url(channel)}?wait=60`;
}

function souphttpsrc(scene: ClientScene, channel: string): Promise<Ran> {
  const source = ["souphttpsrc", `location=${waiting(scene, channel)}`];
  return scene.run("gst-launch-1.0", ["-q", ...source, "!", "fdsink"]);
}

function ffmpeg(scene: ClientScene, channel: string): Promise<Ran> {
  const input = ["-v", "error", "-y", "-i", waiting(scene, channel)];
  const output = ["-c", "copy", "-f", "mpegts", `${scene.folder}/ffmpeg.ts`];
  return scene.run("ffmpeg", [...input, ...output]);
}

/** VLC writes what its demuxer finds. */
async function vlc(scene: ClientScene, channel: string): Promise<Ran> {
  const path = `${scene.folder}/vlc.ts`;
  const output = `#std{access=file,mux=ts,dst=${path}}`;
  return await scene.runAsNobody("cvlc", [
    ...["-q", "--no-lua", "--sout", output],
    ...[waiting(scene, channel), "vlc://quit"],
  ]);
}

/** Pictures in a file that a player wrote. */
function framesIn(name: string): (scene: ClientScene) => Promise<number> {
  return async function count({ folder }): Promise<number> {
    return (await decode(await Deno.readFile(`${folder}/${name}`))).frames;
  };
}

/** mpv writes a file for each picture that it shows. */
function mpv(scene: ClientScene, channel: string): Promise<Ran> {
  return scene.run("mpv", [
    ...["--no-config", "--really-quiet", "--untimed", "--ao=null"],
    ...["--vo=image", `--vo-image-outdir=${scene.folder}/mpv`],
    waiting(scene, channel),
  ]);
}

async function mpvFrames({ folder }: ClientScene): Promise<number> {
  const files = await Array.fromAsync(Deno.readDir(`${folder}/mpv`));
  return files.length;
}

const WATCH = ["-u", "fier", "--wait", "60", "-c"];

/** All of them. */
export const WATCHING: readonly ClientRow[] = [
  fstreamClient("fstream", "fstream2", (channel) => [
    ...["watch", ...WATCH, channel],
  ]),
  fstreamClient("fstream --wire 1 --no-reply", "fstream1", (channel) => [
    ...["watch", ...WATCH, channel, "--wire", "1", "--no-reply"],
  ]),
  fstreamClient("fstream in version 1's grammar", "fstream2", (channel) => [
    `watch,user=fier,wait=60,channel=${channel}`,
  ]),
  ncat(1),
  ncat(2),
  curl([]),
  curl(["-0"]),
  exact(
    "GStreamer's souphttpsrc",
    ["gst-launch-1.0"],
    "http",
    souphttpsrc,
  ),
  player("ffmpeg", [], ffmpeg, framesIn("ffmpeg.ts")),
  player("VLC", ["cvlc", "setpriv"], vlc, framesIn("vlc.ts")),
  player("mpv", ["mpv"], mpv, mpvFrames),
  exact("the npm package ws", [], "websocket", watchByWs),
  exact(
    "Python's websockets",
    ["/usr/bin/python3"],
    "websocket",
    watchByPython,
  ),
];
