import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { mediaPlaylist } from "../../lib/hls/media_playlist.ts";
import type { MediaSegment } from "../../lib/hls/media_segment.ts";
import { detectingTracker } from "../../lib/media/detect/detecting_tracker.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import { checkPlaylist } from "../helpers/playlist_checker.ts";
import { publishOptions } from "../hub/hub_scene.ts";
import { HttpScene } from "../session/http_scene.ts";

const VECTORS = new URL("../vectors/media/", import.meta.url);

/** Seconds that are encoded. */
const SECONDS = 11;

const PICTURE = `testsrc2=size=160x120:rate=25:duration=${SECONDS}`;
const TONE = `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`;
const X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
const BOTH = ["-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE];
const SOUND = ["-f", "lavfi", "-i", TONE];
const FMP4 = ["-movflags", "frag_keyframe+empty_moov+default_base_moof"];

/** What HLS carries, as ffmpeg encodes it; where a frame may be missing, without noise that depends on all before it. */
const STREAMS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["MPEG-TS", ...BOTH, ...X264, "-g", "50", "-c:a", "aac", "-f", "mpegts"],
  ["MPEG-TS with B-frames and a long GOP", ...BOTH]
    .concat("-c:v", "libx264", "-bf", "3", "-g", "100", "-pix_fmt", "yuv420p")
    .concat("-c:a", "mp2", "-f", "mpegts") as [string, ...string[]],
  ["fMP4", ...BOTH, ...X264, "-g", "50", "-c:a", "aac", ...FMP4, "-f", "mp4"],
  ["fMP4 with a fragment for each frame", ...BOTH, ...X264]
    .concat("-g", "25", "-c:a", "aac", "-aac_pns", "0", "-movflags")
    .concat("frag_every_frame+empty_moov+default_base_moof", "-f", "mp4") as [
      string,
      ...string[],
    ],
  ["MP3", ...SOUND, "-c:a", "libmp3lame", "-write_xing", "0", "-f", "mp3"],
  ["ADTS", ...SOUND, "-c:a", "aac", "-f", "adts"],
  ["AC-3", ...SOUND, "-c:a", "ac3", "-f", "ac3"],
  ["E-AC-3", ...SOUND, "-c:a", "eac3", "-f", "eac3"],
];

async function ffmpeg(
  args: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-hide_banner", "-v", "error", ...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);
  return stdout;
}

/** Hashes of all decoded frames of each kind of stream. */
async function framesOf(
  path: string,
  kinds: readonly string[],
): Promise<Record<string, string[]>> {
  const frames: Record<string, string[]> = {};
  for (const kind of kinds) {
    const text = new TextDecoder().decode(
      await ffmpeg([
        ...["-i", path, "-map", `0:${kind}`, "-vsync", "passthrough"],
        ...["-f", "framemd5", "-"],
      ]),
    );
    frames[kind] = text.split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(",").at(-1)!.trim());
  }
  return frames;
}

/** Broadcasts, and takes every segment over HTTP, as a player from the first one on would. */
async function segmentsOf(
  scene: HttpScene,
  bytes: Uint8Array,
  folder: string,
): Promise<number> {
  const publisher = scene.hub.publish(
    publishOptions({ tracker: detectingTracker() }),
  );
  const { segments } = publisher.channel;
  const taken: Map<number, MediaSegment> = new Map();
  for (let at = 0; at < bytes.length; at += 7000) {
    publisher.append(bytes.subarray(at, at + 7000));
    for (const each of segments.listed) taken.set(each.sequence, each);
  }
  publisher.channel.segments.listed.forEach((each) => each.requests++);
  publisher.end("clean");
  for (const each of segments.listed) taken.set(each.sequence, each);
  const list = [...taken.values()];
  const names = new Map<MediaSegment, string>();
  for (const [index, segment] of list.entries()) {
    const { broadcast, start, end, packaging, map } = segment;
    const path = `/fier/default/${broadcast}`;
    const name = `${index}.${packaging.suffix}`;
    names.set(segment, name);
    const file = `${start}-${end}.${packaging.suffix}`;
    await save(scene, `${path}/${file}`, `${folder}/${name}`);
    if (!packaging.hasMap) continue;
    await save(scene, `${path}/init-${map}.mp4`, `${folder}/init-${map}.mp4`);
  }
  const text = mediaPlaylist({
    ...{ segments: list, targetSeconds: segments.targetSeconds, isOver: true },
    segmentUri: (segment) => names.get(segment)!,
    mapUri: ({ map }) => `init-${map}.mp4`,
  });
  await Deno.writeTextFile(`${folder}/all.m3u8`, text);
  const total = checkPlaylist(text).segments
    .reduce((sum, { seconds }) => sum + seconds, 0);
  assert(Math.abs(total - SECONDS) < 0.3, `${total} s of ${SECONDS} s`);
  return list.length;
}

async function save(
  scene: HttpScene,
  path: string,
  file: string,
): Promise<void> {
  const reply = await scene.ask(path);
  const bytes = await reply.bytes();
  assertEquals(reply.status, 200, path);
  await Deno.writeFile(file, bytes);
}

/** Asserts that frames are the same, but for sound before the first key frame, where no segment can begin. */
function assertSame(
  cut: readonly string[],
  whole: readonly string[],
  kind: string,
): void {
  const missing = whole.length - cut.length;
  assert(
    missing === 0 || (missing === 1 && kind === "a"),
    `${missing} missing`,
  );
  // Of the first frame half is mixed with the one before it.
  const from = 2 * missing;
  assertEquals(cut.slice(from - missing), whole.slice(from), kind);
}

for (const [name, ...args] of STREAMS) {
  Deno.test({
    ...needsFfmpeg(
      `HLS of ${name}: decoding the segments gives the frames of the stream`,
    ),
    async fn(): Promise<void> {
      const folder = await Deno.makeTempDir({ prefix: "fstream-hls-" });
      try {
        const bytes = await ffmpeg([...args, "-"]);
        await Deno.writeFile(`${folder}/stream`, bytes);
        await using scene = new HttpScene({
          hub: { backlogBytes: 64 * 1024 * 1024 },
        });
        const count = await segmentsOf(scene, bytes, folder);
        assertGreaterOrEqual(count, 3);
        const kinds = args.includes(PICTURE) ? ["v", "a"] : ["a"];
        const [whole, cut] = await Promise.all([
          framesOf(`${folder}/stream`, kinds),
          framesOf(`${folder}/all.m3u8`, kinds),
        ]);
        assertGreaterOrEqual(whole.a!.length, 300);
        for (const kind of kinds) assertSame(cut[kind]!, whole[kind]!, kind);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test("HLS of M2TS is refused, because its packets do not follow each other directly", async () => {
  await using scene = new HttpScene();
  const publisher = scene.hub.publish(
    publishOptions({ tracker: detectingTracker() }),
  );
  publisher.append(
    await Deno.readFile(new URL("mpegts_ac3.m2ts", VECTORS)),
  );
  const { status, body } = await scene.ask("/fier/default/index.m3u8");
  assertEquals(status, 406);
  await body?.cancel();
});
