import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes";
import { RtmpDecoder } from "../../lib/rtmp/decoder.ts";
import { isCommand, parseCommand } from "../../lib/rtmp/command.ts";
import { MESSAGE, type RtmpMessage } from "../../lib/rtmp/message.ts";
import { trackerFor } from "../../lib/media/tracker_for.ts";
import { randomPiecesOf } from "../helpers/chunkings.ts";
import { decode, needsFfmpeg } from "../helpers/ffmpeg.ts";
import { requestBytes } from "../helpers/raw_peer.ts";
import {
  codesOf,
  endingBytes,
  messageBytes,
  openingBytes,
} from "../helpers/rtmp_client.ts";
import { track } from "../suites/join_suite.ts";
import { SessionScene } from "./session_scene.ts";
import { keptMessage } from "../helpers/kept_message.ts";

/** What an encoder sent, recorded by `tests/vectors/rtmp/record.ts`. */
interface Recording {
  readonly name: string;
  /** Pictures that it sent, at least; absent where installed decoders may not know the codecs in FLV. */
  readonly frames?: number;
  /** What it sent. */
  readonly codecs: readonly string[];
  /** Whether it ends with its connection, without a command before. */
  readonly justCloses?: boolean;
}

/** The commands of every encoder, in order: to begin and, of most, to end. */
const BEGIN = "connect releaseStream FCPublish createStream publish";
const END = " FCUnpublish deleteStream";

const RECORDINGS: readonly Recording[] = [
  {
    name: "obs", // OBS Studio 29.0.2
    frames: 20,
    codecs: ["avc1.42c00c", "mp4a.40.2"],
  },
  {
    name: "ffmpeg", // 5.1.9
    frames: 50,
    codecs: ["avc1.42c00b", "mp4a.40.2"],
  },
  {
    name: "gstreamer", // rtmp2sink 1.22.0
    frames: 50,
    codecs: ["avc1.42c00b", "mp4a.40.2"],
  },
  {
    name: "hevc", // Enhanced RTMP by the libraries of ffmpeg 8.1.1
    justCloses: true,
    codecs: ["hvc1.1.6.L30.90", "opus"],
  },
  {
    name: "av1", // the same
    justCloses: true,
    codecs: ["av01.0.00M.08", "flac"],
  },
];

function load(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(
    new URL(`../vectors/rtmp/${name}.bin`, import.meta.url),
  );
}

function messagesIn(bytes: Uint8Array): RtmpMessage[] {
  const decoder = new RtmpDecoder();
  decoder.push(bytes);
  const messages: RtmpMessage[] = [];
  for (let next = decoder.next(); next; next = decoder.next()) {
    if ("payload" in next) messages.push(keptMessage(next));
  }
  return messages;
}

/** What a watcher is sent while a recording is played, and what the encoder is. */
async function play(
  pieces: Iterable<Uint8Array>,
): Promise<{ media: Uint8Array<ArrayBuffer>; answer: Uint8Array }> {
  await using scene = new SessionScene();
  const text = "watch,user=fier,channel=hall,wait=60";
  using watcher = await scene.connect(requestBytes(text));
  await scene.log.wait("watch-wait");
  using encoder = await scene.connect();
  for (const piece of pieces) await encoder.send(piece);
  await encoder.finish();
  const [media, answer] = await Promise.all([watcher.rest(), encoder.rest()]);
  const { reason, protocol } = await scene.log.wait("broadcast-end");
  assertEquals([reason, protocol], ["the broadcast ended", "rtmp"]);
  assertEquals(scene.log.named("media-corrupt"), []);
  assertEquals(scene.log.named("refused"), []);
  return { media, answer };
}

for (const { name, frames, codecs, justCloses } of RECORDINGS) {
  Deno.test(`the recording of ${name} has its commands`, async () => {
    const names = messagesIn(await load(name)).filter(isCommand)
      .map((message) => parseCommand(message).name);
    assertEquals(names.join(" "), justCloses ? BEGIN : BEGIN + END);
  });

  Deno.test(`the recording of ${name} is broadcast, however it is cut`, async () => {
    const bytes = await load(name);
    const { media, answer } = await play([bytes]);
    const last = justCloses ? "Publish.Start" : "Unpublish.Success";
    assertEquals(codesOf(answer).at(-1), `NetStream.${last}`);
    const again = await play(randomPiecesOf(bytes, 2000, 1));
    assert(again.media.length > 1000 && media.length === again.media.length);
    assertEquals(again.media, media);
  });

  Deno.test(`the recording of ${name} is recognised, and can be joined`, async () => {
    const { media } = await play([await load(name)]);
    const { joins, infos, corruptions } = track(
      trackerFor({ bufsize: 0, format: "flv" }),
      [media],
    );
    assertEquals([infos.at(-1)?.codecs, corruptions], [codecs, []]);
    assertGreater(joins.length, 0);
  });

  if (frames === undefined) continue;
  Deno.test({
    ...needsFfmpeg(`the recording of ${name} decodes`),
    fn: async () => {
      const { media } = await play([await load(name)]);
      const decoded = await decode(media, "flv");
      assertEquals([decoded.errors, decoded.keyFirst], [[], true]);
      assertGreater(decoded.frames, frames - 1);
    },
  });
}

/** Bytes of a codec's four characters. */
function fourcc(name: string): number[] {
  return [...name].map((letter) => letter.charCodeAt(0));
}

/** Configuration and frames of Enhanced RTMP: the packet type, the codec, and something of it. */
const ENHANCED: readonly [type: number, ...data: number[]][] = [
  [MESSAGE.video, 0x90, ...fourcc("hvc1"), 1, 1, 0x60, 0, 0, 0, 0x90, 0, 0],
  [MESSAGE.audio, 0x90, ...fourcc("Opus"), 1, 2, 3],
  [MESSAGE.video, 0x93, ...fourcc("hvc1"), 9, 9, 9, 9],
  [MESSAGE.audio, 0x91, ...fourcc("Opus"), 7, 7, 7],
  [MESSAGE.video, 0x90, ...fourcc("av01"), 0x81, 5, 0, 0],
  [MESSAGE.video, 0x91, ...fourcc("av01"), 8, 8, 8, 8],
];

Deno.test("messages of Enhanced RTMP are passed on as they come", async () => {
  const sent = ENHANCED.map(([type, ...data]) =>
    messageBytes({ type, streamId: 1, payload: new Uint8Array(data) })
  );
  const names = { app: "fier", key: "hall?password=123" };
  const { media } = await play([
    concat([openingBytes(names), ...sent, endingBytes("hall")]),
  ]);
  const tags = ENHANCED.map(([type, ...data]) => [
    ...[type, 0, 0, data.length, 0, 0, 0, 0, 0, 0, 0],
    ...data,
    ...[0, 0, 0, 11 + data.length],
  ]);
  assertEquals([...media.slice(13)], tags.flat());
});
