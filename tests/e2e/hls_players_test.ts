import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import { playSeconds } from "../helpers/play_seconds.ts";
import { PlaylistHistory } from "../helpers/playlist_checker.ts";
import { startTestServer } from "../helpers/start_server.ts";
import { ClientScene, type Ran } from "./clients/client_scene.ts";
import { missingPrograms } from "./clients/missing_programs.ts";

/** Pictures per second of what is broadcast, and seconds of it. */
const RATE = 15;
const SECONDS = playSeconds(8) + 16;

/** Seconds that each player plays. */
const PLAY_S = playSeconds(8);

/** Pictures that a player may drop where it starts and stops. */
const LEEWAY = 20;

/** What GStreamer's parser is to write, one picture at a time. */
const BYTE_STREAM = "video/x-h264,stream-format=byte-stream,alignment=au";

/** A player of HLS. */
interface Player {
  readonly name: string;
  readonly programs: readonly string[];
  /** Plays for {@linkcode PLAY_S} seconds; returns how many pictures it made. */
  play(scene: ClientScene, url: string): Promise<number>;
}

function checked({ success, stderr }: Ran): void {
  assert(success, stderr);
}

async function framesOf(path: string): Promise<number> {
  const { stdout } = await new Deno.Command("ffprobe", {
    args: [
      ...["-v", "error", "-count_packets", "-select_streams", "v"],
      ...["-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path],
    ],
    stderr: "null",
  }).output();
  return parseInt(new TextDecoder().decode(stdout));
}

const PLAYERS: readonly Player[] = [
  {
    name: "ffmpeg",
    programs: ["ffmpeg"],
    async play(scene, url): Promise<number> {
      const path = `${scene.folder}/ffmpeg.ts`;
      const copy = ["-t", `${PLAY_S}`, "-c", "copy", "-y", path];
      const ran = await scene.run("ffmpeg", [
        "-v",
        "error",
        "-i",
        url,
        ...copy,
      ]);
      checked(ran);
      assertEquals(ran.stderr.replace(/.*Packet corrupt.*\n/g, ""), "");
      return await framesOf(path);
    },
  },
  {
    name: "mpv",
    programs: ["mpv"],
    async play(scene, url): Promise<number> {
      const folder = `${scene.folder}/mpv`;
      checked(
        await scene.run("mpv", [
          ...["--no-config", "--really-quiet", "--ao=null", "--vo=image"],
          ...[`--vo-image-outdir=${folder}`, `--length=${PLAY_S}`, url],
        ]),
      );
      return (await Array.fromAsync(Deno.readDir(folder))).length;
    },
  },
  {
    name: "VLC",
    programs: ["cvlc", "setpriv"],
    async play(scene, url): Promise<number> {
      const path = `${scene.folder}/vlc.ts`;
      checked(
        await scene.runAsNobody("cvlc", [
          ...["-q", "--no-lua", `--run-time=${PLAY_S}`],
          ...["--sout", `#std{access=file,mux=ts,dst=${path}}`],
          ...[url, "vlc://quit"],
        ]),
      );
      return await framesOf(path);
    },
  },
  {
    name: "GStreamer's hlsdemux",
    programs: ["gst-launch-1.0"],
    async play(scene, url): Promise<number> {
      const path = `${scene.folder}/gst.h264`;
      const count = `eos-after=${PLAY_S * RATE + 1}`;
      checked(
        await scene.run("gst-launch-1.0", [
          ...["-q", "souphttpsrc", `location=${url}`, "!", "hlsdemux"],
          ...[
            "!",
            "tsdemux",
            "!",
            "h264parse",
            "!",
            BYTE_STREAM,
            "!",
            "identity",
            count,
          ],
          ...["!", "filesink", `location=${path}`],
        ]),
      );
      return await framesOf(path);
    },
  },
];

/** Broadcasts a test picture and a tone in real time. */
function broadcast(url: string): Deno.ChildProcess {
  const picture = `testsrc2=size=160x120:rate=${RATE}:duration=${SECONDS}`;
  return new Deno.Command("ffmpeg", {
    args: [
      ...["-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", picture],
      ...["-f", "lavfi", "-i", `sine=duration=${SECONDS}`, "-c:v", "libx264"],
      ...["-preset", "ultrafast", "-g", `${2 * RATE}`, "-pix_fmt", "yuv420p"],
      ...["-c:a", "aac", "-f", "mpegts", "-auth_type", "basic"],
      ...["-method", "PUT", url.replace("//", "//fier:123@")],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
}

/** Loads a playlist again and again, as a player does, and checks each load. */
async function follow(index: string, until: Promise<unknown>): Promise<number> {
  let isOver = false;
  until.then(() => isOver = true);
  const lines = (await (await fetch(index)).text()).trimEnd().split("\n");
  const live = new URL(lines.at(-1)!, index);
  const history = new PlaylistHistory();
  while (!isOver) {
    const reply = await fetch(live);
    const text = await reply.text();
    assertEquals(reply.status, 200, text);
    history.add(text);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return history.segments.length;
}

Deno.test({
  ...needsFfmpeg("HLS plays in every player, live"),
  fn: async (t) => {
    await using server = await startTestServer();
    await using scene = await ClientScene.open(server);
    await using source = broadcast(scene.url("hall"));
    await server.log.wait("broadcast-start");
    const index = `${scene.url("hall")}/index.m3u8`;
    const watched = follow(index, source.status);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const rows = PLAYERS.map(async (player) => {
      const missing = await missingPrograms(player.programs);
      const pictures = missing === "" ? await player.play(scene, index) : NaN;
      return { name: player.name, missing, pictures };
    });
    for (const { name, missing, pictures } of await Promise.all(rows)) {
      const skipped = missing && ` (skipped: ${missing} is not installed)`;
      await t.step({
        name: name + skipped,
        ignore: missing !== "",
        fn: () => {
          assertGreaterOrEqual(pictures, PLAY_S * RATE - LEEWAY);
        },
      });
    }
    await source.status;
    assertGreaterOrEqual(await watched, SECONDS / 2 - 2);
  },
});
