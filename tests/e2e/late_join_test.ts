import { assert, assertEquals, assertGreater } from "@std/assert";
import { allEnded } from "../helpers/all_ended.ts";
import { decode, needsFfmpeg } from "../helpers/ffmpeg.ts";
import {
  LIVE_CONTAINERS,
  type LiveContainer,
  playArgs,
} from "../helpers/live_media.ts";
import { encodeClip } from "../helpers/media_clip.ts";
import { RawPeer, requestBytes } from "../helpers/raw_peer.ts";
import { seededRandom } from "../helpers/rng.ts";
import { startTestServer, type TestServer } from "../helpers/start_server.ts";
import { broadcastText } from "../session/live_channel.ts";

/** Seconds that each source plays; key frames come every second. */
const SECONDS = 5;

/** Sources that are encoded at a time. */
const AT_ONCE = 2;

/** Milliseconds within which a joiner has come to the end of the broadcast, on a busy machine too. */
const END_MS = 30_000;

/** The ways to begin. */
const STARTS = ["start=join", "start=live", "start=oldest", "burst=1.5"];

/** A joiner that comes once a number of bytes were broadcast. */
interface Joiner {
  readonly start: string;
  readonly at: number;
}

/** A channel that ffmpeg broadcasts to in real time. */
interface LiveChannel {
  readonly container: LiveContainer;
  readonly name: string;
  readonly source: string;
  readonly joiners: Joiner[];
}

/** Encodes a source; its joiners come in a random order, after 20 to 60 % of its bytes. */
async function prepare(
  folder: string,
  container: LiveContainer,
  index: number,
): Promise<LiveChannel> {
  const random = seededRandom(index + 1);
  const source = `${folder}/${index}.nut`;
  const nut = { ...container, mux: ["-f", "nut"] };
  const media = await encodeClip(nut, { seconds: SECONDS });
  await Deno.writeFile(source, media);
  const joiners = STARTS.map((start) => ({
    start,
    at: Math.floor(media.length * (20 + random(40)) / 100),
  }));
  joiners.sort((a, b) => a.at - b.at);
  return { container, name: `c${index}`, source, joiners };
}

/** Joins, and gives all bytes up to the end of the broadcast, which is awaited elsewhere. */
async function join(
  server: TestServer,
  channel: string,
  { start }: Joiner,
  count: number,
): Promise<{ rest: Promise<Uint8Array<ArrayBuffer>> }> {
  const text = `watch,user=fier,channel=${channel},${start}`;
  const peer = await RawPeer.connect(server.address, requestBytes(text));
  await server.log.wait("watch-start", count, { channel });
  return { rest: peer.rest(END_MS).finally(() => peer.close()) };
}

/** Broadcasts a source, and returns what its joiners were sent. */
async function broadcast(
  server: TestServer,
  { container, name, source, joiners }: LiveChannel,
): Promise<Uint8Array<ArrayBuffer>[]> {
  await using player = new Deno.Command("ffmpeg", {
    args: playArgs(container, source),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const text = broadcastText("fier", `,channel=${name}`);
  using peer = await RawPeer.connect(server.address, requestBytes(text));
  const received: Promise<Uint8Array<ArrayBuffer>>[] = [];
  let sent = 0;
  for await (const bytes of player.stdout) {
    await peer.send(bytes);
    sent += bytes.length;
    for (let i = received.length; (joiners[i]?.at ?? Infinity) <= sent; i++) {
      received.push((await join(server, name, joiners[i]!, i + 1)).rest);
    }
  }
  assert((await player.status).success);
  await peer.finish();
  return await allEnded(received);
}

async function assertDecodes(
  channel: LiveChannel,
  received: readonly Uint8Array[],
): Promise<void> {
  assertEquals(received.length, STARTS.length, channel.container.name);
  for (const [i, bytes] of received.entries()) {
    const what = `${channel.container.name}, ${channel.joiners[i]!.start}`;
    const { errors, frames, keyFirst } = await decode(bytes);
    assertEquals(errors, [], what);
    assert(keyFirst, `${what}: no key frame first`);
    assertGreater(frames, 1, what);
  }
}

Deno.test({
  ...needsFfmpeg("late joiners of every container decode at once"),
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "fstream-late-join-" });
    await using server = await startTestServer();
    try {
      const channels: LiveChannel[] = [];
      for (let i = 0; i < LIVE_CONTAINERS.length; i += AT_ONCE) {
        const some = LIVE_CONTAINERS.slice(i, i + AT_ONCE);
        channels.push(
          ...await allEnded(some.map((c, j) => prepare(folder, c, i + j))),
        );
      }
      const received = await allEnded(
        channels.map((channel) => broadcast(server, channel)),
      );
      await allEnded(
        channels.map((channel, i) => assertDecodes(channel, received[i]!)),
      );
      assertEquals(server.log.named("media-corrupt"), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
