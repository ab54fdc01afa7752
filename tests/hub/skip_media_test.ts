/**
 * Watchers that fall behind, with real media in every container and a real decoder behind them.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { concat } from "@std/bytes";
import { Cursor } from "../../lib/hub/cursor.ts";
import { type DecodedLevels, decodeLevels } from "../helpers/decode_levels.ts";
import { needsFfmpeg } from "../helpers/ffmpeg.ts";
import type { LiveContainer } from "../helpers/live_media.ts";
import {
  type Clip,
  encodeClip,
  EVERY_MEDIA,
  isSound,
} from "../helpers/media_clip.ts";
import { countBad, thumbnails } from "../helpers/thumbnails.ts";
import { MediaChannel, type Pause } from "./media_channel.ts";
import { drain } from "./scripted_media.ts";

/** Bytes kept of the channel: a watcher may lag by half, and finds its way out in the next quarter. */
const BACKLOG = 1024 * 1024;

/** Pictures from one key frame to the next: some 100 KB. */
const GROUP = 6;

/**
 * Two pauses after which the watcher lags too much, also when it has come to the next key frame, but is
 * not overtaken.
 */
const LAGS: readonly Pause[] = [
  { at: 100_000, bytes: 690_000 },
  { at: 850_000, bytes: 690_000 },
];

/** One after which the log's tail has passed the watcher. */
const OVERTAKEN: readonly Pause[] = [{ at: 300_000, bytes: 1_150_000 }];

/** Bytes of media that the pauses take, with some behind the last. */
const LEAST_BYTES = 1_750_000;

/** Containers that take samples as they are, and fill a clip quickly. */
const LOSSLESS = ["WAV", "FLAC"];

/** Left out, because others have the same units. */
const ALIKE = [
  ...["MPEG-TS MP2", "WebM Opus", "fMP4 H.265", "FLV MP3"],
  ...["Ogg Theora alone", "Ogg Vorbis", "Ogg FLAC"],
];

function clipOf(container: LiveContainer): Partial<Clip> {
  if (LOSSLESS.includes(container.name)) {
    return { seconds: 25, more: ["-ac", "2"] };
  }
  if (isSound(container)) {
    return { seconds: 80, more: ["-ac", "2", "-b:a", "256k"] };
  }
  const seconds = container.name === "YUV4MPEG2" ? 4 : 14;
  return { seconds, size: "256x144", kilobits: 1600, group: GROUP };
}

/** What became of a watcher that paused. */
interface Watched extends DecodedLevels {
  readonly cursor: Cursor;
  /** Frames that were not skipped, as their bytes tell. */
  readonly expected: number;
}

async function watch(
  container: LiveContainer,
  media: Uint8Array<ArrayBuffer>,
  pauses: readonly Pause[],
  whole: DecodedLevels,
): Promise<Watched> {
  const scene = new MediaChannel(BACKLOG);
  const cursor = new Cursor(scene.channel, {
    start: "join",
    burst: 0,
    since: 0,
  });
  const taken = scene.playLagging(media, 7, cursor, pauses);
  scene.channel.end("ended");
  const decoded = await decodeLevels(
    container,
    concat([taken, drain(cursor).bytes]),
  );
  const kept = 1 - cursor.skippedBytes / media.length;
  return { ...decoded, cursor, expected: whole.bright.length * kept };
}

/**
 * A watcher that lags leaves and enters at boundaries: not a line of complaint. Pictures that lead an open
 * group of H.265 refer to what was skipped, and are left out by the decoder.
 */
async function skipsCleanly(
  container: LiveContainer,
  media: Uint8Array<ArrayBuffer>,
  whole: DecodedLevels,
): Promise<void> {
  const watched = await watch(container, media, LAGS, whole);
  // A pack contains the end of one picture and the beginning of the next, so a skip cuts one.
  if (container.name !== "MPEG-PS") assertEquals(watched.errors, []);
  assertEquals(watched.cursor.skips, LAGS.length);
  const open = container.name.includes("H.265") ? 3 * LAGS.length : 0;
  const slack = isSound(container) ? 60 : 4;
  assertGreaterOrEqual(watched.bright.length, watched.expected - slack - open);
}

/**
 * A watcher that was overtaken is cut off in the middle of a unit. Its decoder complains of that one,
 * and may take the next key frame's beginning for the rest of it: one group is lost, the rest decodes.
 */
async function recovers(
  container: LiveContainer,
  media: Uint8Array<ArrayBuffer>,
  whole: DecodedLevels,
): Promise<void> {
  const watched = await watch(container, media, OVERTAKEN, whole);
  assertEquals(watched.cursor.skips, 1);
  assert(!watched.cursor.cannotFollow);
  const slack = isSound(container) ? 120 : GROUP + 4;
  assertGreaterOrEqual(watched.bright.length, watched.expected - slack);
}

for (const container of EVERY_MEDIA) {
  if (ALIKE.includes(container.name)) continue;
  Deno.test({
    ...needsFfmpeg(
      `${container.name}: what a watcher skips leaves the rest decodable`,
    ),
    fn: async () => {
      const media = await encodeClip(container, clipOf(container));
      assertGreaterOrEqual(media.length, LEAST_BYTES);
      const whole = await decodeLevels(container, media);
      assertEquals(whole.errors, []);
      await Promise.all([
        skipsCleanly(container, media, whole),
        recovers(container, media, whole),
      ]);
    },
  });
}

/** Key frames so far apart that the loss of a group would show. */
const LONG_GROUP = 24;

/** Pictures that a decoder may show wrong after a cut: those that it had not finished. */
const MOST_BAD = 3;

for (const name of ["MPEG-TS", "FLV", "Matroska", "fMP4"]) {
  Deno.test({
    ...needsFfmpeg(
      `${name}: a watcher that was overtaken sees no wrong group of pictures`,
    ),
    fn: async () => {
      const container = EVERY_MEDIA.find((one) => one.name === name)!;
      const clip = { ...clipOf(container), group: LONG_GROUP };
      const media = await encodeClip(container, clip);
      const right = await thumbnails(media);
      for (const at of [250_000, 300_000, 350_123]) {
        const scene = new MediaChannel(BACKLOG);
        const cursor = new Cursor(
          scene.channel,
          { start: "join", burst: 0, since: 0 },
        );
        const pause = { at, bytes: 1_150_000 };
        const taken = scene.playLagging(media, 7, cursor, [pause]);
        scene.channel.end("ended");
        const bytes = concat([taken, drain(cursor).bytes]);
        const shown = await thumbnails(bytes);
        const bad = countBad(shown, right);
        assertEquals(cursor.skips, 1);
        assertLessOrEqual(
          bad,
          MOST_BAD,
          `${bad} of ${shown.length} pictures`,
        );
      }
    },
  });
}
