/**
 * Clients that broadcast: what they send reaches a watcher that waited for them.
 *
 * @module
 */

import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { concat, equals } from "@std/bytes";
import { decode } from "../../helpers/ffmpeg.ts";
import { RawPeer, requestBytes } from "../../helpers/raw_peer.ts";
import { PASSWORD } from "../../helpers/start_server.ts";
import { broadcastText } from "../../session/live_channel.ts";
import type { ClientRow, ClientScene, Ran } from "./client_scene.ts";
import { BYTES, clip, CLIP_FRAMES } from "./media.ts";
import { broadcastByPython, broadcastByWs } from "./websocket_clients.ts";

/** Milliseconds that a broadcast may take, without the client's start. */
const BROADCAST_MS = 30_000;

/** Runs a client that broadcasts. */
export type Broadcast = (scene: ClientScene, channel: string) => Promise<Ran>;

/** Watches a channel from its first byte on while a client broadcasts it; returns all bytes. */
export async function watchWhile(
  scene: ClientScene,
  channel: string,
  broadcast: Broadcast,
): Promise<Uint8Array<ArrayBuffer>> {
  const text = `watch,user=fier,channel=${channel},wait=60`;
  using watcher = await RawPeer.connect(scene.address, requestBytes(text));
  await scene.log.wait("watch-wait", 1, { channel });
  const ran = broadcast(scene, channel);
  const [got, { success, stderr }] = await Promise.all([
    watcher.rest(BROADCAST_MS),
    ran,
  ]);
  assert(success, stderr);
  return got;
}

/** A client that broadcasts {@linkcode BYTES}, of which none may change. */
function exact(
  name: string,
  programs: readonly string[],
  protocol: ClientRow["protocol"],
  broadcast: Broadcast,
): ClientRow {
  async function run(scene: ClientScene, channel: string): Promise<void> {
    const got = await watchWhile(scene, channel, broadcast);
    assertEquals(got.length, BYTES.length);
    assert(equals(got, BYTES), "the bytes differ");
  }
  return { name: `${name} broadcasts`, programs, protocol, run };
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
    (scene, channel) => scene.runFstream(args(channel), BYTES),
  );
}

const FSTREAM: readonly ClientRow[] = [
  fstreamClient("fstream", "fstream2", (channel) => [
    ...["broadcast", "-u", "fier", "--user-password", PASSWORD],
    ...["-c", channel],
  ]),
  fstreamClient("fstream --wire 1 --no-reply", "fstream1", (channel) => [
    ...["broadcast", "-u", "fier", "--user-password", PASSWORD],
    ...["-c", channel, "--wire", "1", "--no-reply"],
  ]),
  fstreamClient("fstream in version 1's grammar", "fstream2", (channel) => [
    `broadcast,user=fier,user-password=${PASSWORD},channel=${channel}`,
  ]),
  exact("fstream with a token", [], "fstream2", async (scene, channel) => {
    const user = ["-u", "fier"];
    const { stdout } = await scene.runFstream([
      ...["token", ...user, "--user-password", PASSWORD],
    ]);
    const token = new TextDecoder().decode(stdout).trim();
    const args = ["broadcast", ...user, "-c", channel, "--token", token];
    return await scene.runFstream(args, BYTES);
  }),
];

function ncat(version: 1 | 2): ClientRow {
  return exact(
    `ncat, version ${version}`,
    ["ncat"],
    `fstream${version}`,
    (scene, channel) => {
      const text = broadcastText("fier", `,channel=${channel}`);
      const { host, port } = scene.address;
      const bytes = concat([requestBytes(text, version), BYTES]);
      return scene.run("ncat", ["--send-only", host, `${port}`], bytes);
    },
  );
}

function curl(flags: string): ClientRow {
  return exact(`curl ${flags}`, ["curl"], "http", async (scene, channel) => {
    const file = await scene.file("bytes", BYTES);
    const args = ["-sSf", "-u", `fier:${PASSWORD}`];
    args.push(...flags.replace("FILE", file).split(" "), scene.url(channel));
    return await scene.run("curl", args, BYTES);
  });
}

/**
 * ffmpeg, which sends a clip without encoding it again.
 *
 * @param lost Pictures that may be missing at the end.
 */
function ffmpeg(
  name: string,
  protocol: ClientRow["protocol"],
  flags: string,
  scheme: string,
  lost = 0,
): ClientRow {
  async function broadcast(scene: ClientScene, channel: string): Promise<Ran> {
    const file = await scene.file("clip.ts", await clip());
    const input = ["-v", "error", "-re", "-i", file, "-c", "copy"];
    const url = `${scheme}://fier:${PASSWORD}@${scene.host}/fier/${channel}`;
    return await scene.run("ffmpeg", [...input, ...flags.split(" "), url]);
  }
  async function run(scene: ClientScene, channel: string): Promise<void> {
    const got = await watchWhile(scene, channel, broadcast);
    const { frames, errors } = await decode(got);
    assertEquals(errors, []);
    assertGreaterOrEqual(frames, CLIP_FRAMES - lost);
  }
  const programs = ["ffmpeg"];
  return { name: `ffmpeg ${name} broadcasts`, programs, protocol, run };
}

/**
 * ffmpeg does not read the reply to `SOURCE`, so its close is a reset, and the system drops what it has not
 * delivered yet: some 4 KB whatever the server does.
 */
const LOST_BY_RESET = 5;

const PUT = "-f mpegts -auth_type basic -method PUT";

/** All of them, except the Icecast sources. */
export const BROADCASTING: readonly ClientRow[] = [
  ...FSTREAM,
  ncat(1),
  ncat(2),
  curl("-T FILE"),
  curl("-T -"),
  curl("-X POST --data-binary @-"),
  curl("-X POST -H Transfer-Encoding:chunked --data-binary @-"),
  curl("-0 -T FILE"),
  curl("-0 -X POST --data-binary @-"),
  ffmpeg("-method PUT", "http", PUT, "http"),
  ffmpeg(
    "-method PUT -chunked_post 0",
    "icecast",
    `${PUT} -chunked_post 0`,
    "http",
  ),
  ffmpeg("icecast://", "icecast", "-f mpegts", "icecast"),
  ffmpeg(
    "-legacy_icecast 1",
    "icecast",
    "-f mpegts -legacy_icecast 1",
    "icecast",
    LOST_BY_RESET,
  ),
  exact("the npm package ws", [], "websocket", broadcastByWs),
  exact(
    "Python's websockets",
    ["/usr/bin/python3"],
    "websocket",
    broadcastByPython,
  ),
];
