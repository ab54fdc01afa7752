/**
 * Broadcasts that break off at any byte and are followed by another, with real media in every container
 * and a real decoder behind the watcher.
 *
 * @module
 */
import { assert, assertGreaterOrEqual } from "@std/assert";
import { concat } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import { MP4 } from "../../lib/media/mp4/mp4.ts";
import { decodeLevels } from "../helpers/decode_levels.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import type { LiveContainer } from "../helpers/live_media.ts";
import {
  type Clip,
  encodeClip,
  EVERY_MEDIA,
  isSound,
} from "../helpers/media_clip.ts";
import { seededRandom } from "../helpers/rng.ts";
import { track } from "../suites/join_suite.ts";
import { MediaChannel } from "./media_channel.ts";
import { drain } from "./scripted_media.ts";

/** Bytes kept of the channel: more than is broadcast. */
const BACKLOG = 16 * 1024 * 1024;

const CLIP: Partial<Clip> = { seconds: 3 };

/** What another encoder might send. */
const OTHER: Partial<Clip> = { ...CLIP, size: "256x144", soundRate: 44_100 };

/** Key frames that are larger than some units' whole length: a cut in one leaves much to complete. */
const LARGE: Partial<Clip> = { seconds: 2, size: "1280x720", kilobits: 16_000 };

/**
 * Containers whose watchers end when the broadcaster comes back with the same settings.
 *
 * MP4's fragments count their time from the start of the file, and decoders drop those that go back; they
 * take no second moov. Ogg's decoders take up a chained stream only when it is one, and those of Theora
 * take no other header.
 */
const NEVER_FOLLOWED = [
  ...["fMP4", "fMP4 H.265", "fMP4 AAC"],
  ...["Ogg Theora", "Ogg Theora alone"],
];

/**
 * Containers whose watchers end when the broadcaster comes back with others: Matroska's decoders keep the codec's
 * private data, and what comes before the samples of WAV and the frames of Y4M counts for all of them.
 */
const OTHER_NOT_FOLLOWED = [
  ...NEVER_FOLLOWED,
  ...["Matroska", "Matroska H.265", "NUT", "WAV", "AU", "CAF", "YUV4MPEG2"],
];

/** Frames of sound that a decoder may lose at its start: two of MP3's, whose bits lie in the one before. */
const LOST_SOUND = 6;

/** What a watcher was sent over a break. */
interface Spliced {
  readonly cursor: Cursor;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The first broadcast breaks off in its last third, at a byte that depends on a seed. */
function breakOff(
  first: Uint8Array,
  second: Uint8Array,
  seed: number,
): Spliced {
  const third = Math.floor(first.length / 3);
  const cut = 2 * third + seededRandom(seed)(third);
  return splice(first.subarray(0, cut), second, seed);
}

function splice(
  first: Uint8Array,
  second: Uint8Array,
  seed: number,
): Spliced {
  const scene = new MediaChannel(BACKLOG);
  const cursor = new Cursor(scene.channel, {
    start: "join",
    burst: 0,
    since: 0,
  });
  const before = scene.play(first, seed, cursor);
  scene.channel.hold(60, true, () => {});
  scene.open();
  const after = scene.play(second, seed, cursor);
  scene.channel.end("ended");
  const bytes = concat([before, after, drain(cursor).bytes]);
  return { cursor, bytes };
}

/** Asserts that every frame of the second broadcast is decoded, but one picture or a moment of sound. */
async function decodesOn(
  container: LiveContainer,
  { cursor, bytes }: Spliced,
  second: Uint8Array<ArrayBuffer>,
  what: string,
): Promise<void> {
  assert(!cursor.cannotFollow, `${what}: cannot be followed`);
  const [alone, both] = await Promise.all([
    decodeLevels(container, second),
    decodeLevels(container, bytes),
  ]);
  assert(alone.bright.length > 0);
  const all = alone.bright.filter((bright) => bright).length;
  const got = both.bright.filter((bright) => bright).length;
  const lost = isSound(container) ? LOST_SOUND : 1;
  assertGreaterOrEqual(got, all - lost, `${what}: ${both.errors.slice(0, 3)}`);
}

for (const [index, container] of EVERY_MEDIA.entries()) {
  const { name } = container;
  Deno.test({
    ...needsFfmpeg(`${name}: watchers cross to the next broadcast, or end`),
    fn: async () => {
      const [first, again, other] = await Promise.all([
        encodeClip(container, CLIP),
        encodeClip(container, { ...CLIP, bright: true }),
        encodeClip(container, { ...OTHER, bright: true }),
      ]);
      const crosses = async (
        what: string,
        second: Uint8Array<ArrayBuffer>,
        refused: readonly string[],
      ): Promise<void> => {
        const spliced = breakOff(first, second, index + 1);
        if (refused.includes(name)) assert(spliced.cursor.cannotFollow, what);
        else await decodesOn(container, spliced, second, what);
      };
      await Promise.all([
        crosses("the same settings", again, NEVER_FOLLOWED),
        crosses("other settings", other, OTHER_NOT_FOLLOWED),
      ]);
    },
  });
}

for (const container of EVERY_MEDIA) {
  if (!["Matroska", "WebM", "FLV"].includes(container.name)) continue;
  Deno.test({
    ...needsFfmpeg(
      `${container.name}: a large key frame that breaks off is completed`,
    ),
    fn: async () => {
      const first = await encodeClip(container, LARGE);
      const second = await encodeClip(container, { ...LARGE, bright: true });
      const at = insideKeyFrame(first);
      const spliced = splice(first.subarray(0, at), second, 1);
      await decodesOn(container, spliced, second, `cut at ${at}`);
    },
  });
}

Deno.test({
  ...needsFfmpeg("fMP4: a broadcast whose clock continues is followed"),
  fn: async () => {
    const container = EVERY_MEDIA.find(({ name }) => name === "fMP4")!;
    const first = await encodeClip(container, CLIP);
    const long = await encodeClip(container, { seconds: 6, bright: true });
    const { joins } = track(MP4.tracker, [long]);
    const join = joins.find(({ time = 0 }) => time >= 3)!;
    const second = concat([join.init, long.subarray(join.offset)]);
    await decodesOn(container, breakOff(first, second, 3), second, "later");
  },
});

/** A place from which the current unit misses more than 64 KiB. */
function insideKeyFrame(media: Uint8Array): number {
  const scene = new MediaChannel(BACKLOG);
  for (const _ of scene.append(media, 1)) {
    const { broadcast, log } = scene.channel;
    if (broadcast.missingBytes > 64 * 1024) return log.last;
  }
  throw new Error("Cannot find a unit that misses 64 KiB");
}
